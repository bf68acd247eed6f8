//! (finding, verdict, reach) → severity and plan.
