//! Severity (how bad) and confidence (how sure).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::UnknownName;

macro_rules! grade {
    ($(#[$doc:meta])* $grade:ident, $what:literal, $($(#[$value_doc:meta])* $value:ident = $name:literal),+) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum $grade { $($(#[$value_doc])* $value),+ }

        impl $grade {
            /// Every value, from the lowest to the highest.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];
            /// The names of all values, in the same order.
            pub const NAMES: &'static [&'static str] = &[$($name),+];

            /// The name in reports and on the command line.
            pub fn name(self) -> &'static str {
                match self { $(Self::$value => $name),+ }
            }
        }

        impl fmt::Display for $grade {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }

        impl FromStr for $grade {
            type Err = UnknownName;

            fn from_str(name: &str) -> Result<Self, Self::Err> {
                match name {
                    $($name => Ok(Self::$value),)+
                    _ => Err(UnknownName::new($what, name, Self::NAMES)),
                }
            }
        }
    };
}

grade! {
    /// How bad an exposure is. The table is in `recommend/severity.rs`.
    Severity, "severity",
    /// Nothing to do: a published sample, something expired.
    Info = "info",
    /// Worth a look, blocks nothing.
    Low = "low",
    /// Blocks by default.
    Medium = "medium",
    /// A secret is out; whether it works is not known.
    High = "high",
    /// A working secret is out.
    Critical = "critical"
}

grade! {
    /// How sure it is that this is a credential, and that its parts belong together.
    Confidence, "confidence",
    /// A guess worth showing only on request.
    Low = "low",
    /// Likely.
    Medium = "medium",
    /// As sure as form and surroundings can make it.
    High = "high"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_grow() {
        for &severity in Severity::ALL {
            assert_eq!(severity.name().parse(), Ok(severity));
        }
        assert!(Severity::Critical > Severity::High && Confidence::High > Confidence::Low);
        assert_eq!(
            "hihg".parse::<Severity>().unwrap_err().to_string(),
            "unknown severity `hihg`, expected one of: info, low, medium, high, critical"
        );
    }
}
