//! Two more sets of shapes: one written from the domain by somebody who had not seen the rules, and one of files as their
//! programs write them, from memory. In: `fixtures/second/*.toml`, `fixtures/third/*.toml`. Out: every case that fails, at
//! once.
//!
//! They are run as in `shapes.rs`.

use crate::shapes::{assert_every_row, assert_every_variable};
use crate::support::check::assert_all;

#[test]
fn every_shape_of_the_second_set_yields_exactly_what_it_says() {
    assert_all("second");
}

#[test]
fn every_shape_of_the_third_set_yields_exactly_what_it_says() {
    assert_all("third");
}

#[test]
fn the_second_set_has_a_case_for_every_row() {
    assert_every_row("second");
    assert_every_variable("second");
}
