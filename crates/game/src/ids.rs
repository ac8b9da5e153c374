//! Dense identifiers: newtypes over indices into vectors, so that no hash order reaches a result.

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The position of this id in its vector.
            #[inline]
            #[must_use]
            pub const fn index(self) -> usize {
                self.0 as usize
            }

            /// The id of position `index`; saturates at `u32::MAX`, which no vector here reaches.
            #[inline]
            #[must_use]
            pub fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }
        }
    };
}

id!(
    /// A decision maker: position in [`crate::WarGame::players`].
    PlayerId
);
id!(
    /// A private type of one player: position in that player's list of types.
    TypeId
);
id!(
    /// A public state: position in [`crate::WarGame::states`].
    StateId
);
id!(
    /// A node of a stage tree.
    NodeId
);
id!(
    /// A named move of the period ("posture"): position in [`crate::WarGame::moves`].
    MoveId
);
id!(
    /// A named chance event of the period ("battle"): position in [`crate::WarGame::chances`].
    ChanceId
);
id!(
    /// A kind of ending ("settlement"): position in [`crate::WarGame::endings`].
    EndingId
);
id!(
    /// A row of a [`crate::PayoffTable`]; row 0 is all zeros.
    Row
);
