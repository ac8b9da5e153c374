//! The codes of diagnostics. Each has a page in `explain.md`; a test keeps the two lists equal.

macro_rules! codes {
    ($($name:ident = $code:literal;)*) => {
        $(pub(crate) const $name: &str = $code;)*

        /// Every code, in order.
        pub const ALL_CODES: &[&str] = &[$($code),*];
    };
}

codes! {
    TOML = "A0101";
    UNKNOWN_KEY = "A0102";
    WRONG_TYPE = "A0103";
    MISSING_KEY = "A0104";
    FILE_TOO_LARGE = "A0105";
    UNREADABLE = "A0106";
    BAD_NAME = "A0107";
    NAME_TWICE = "A0108";
    EXCLUSIVE_KEYS = "A0109";
    EMPTY = "A0110";
    BAD_DATE = "A0111";
    UNKNOWN_CHOICE = "A0112";
    TOO_MANY = "A0113";
    TOO_MANY_PROBLEMS = "A0114";

    SYNTAX = "A0201";
    EXPRESSION_TOO_LARGE = "A0202";
    WRONG_KIND = "A0203";
    ARGUMENTS = "A0204";
    UNKNOWN_FUNCTION = "A0205";

    UNKNOWN_NAME = "A0301";
    CYCLE = "A0302";
    UNKNOWN_WORD = "A0303";
    NOT_READABLE_HERE = "A0304";
    PRIVATE_HERE = "A0305";
    NAMES_NOTHING = "A0306";
    MEASURE_ARGUMENT = "A0307";
    ATTRIBUTE_MISSING = "A0308";

    PRIORS = "A0401";
    PROBABILITY_RANGE = "A0402";
    PROBABILITY_SUM = "A0403";
    DISCOUNT = "A0404";
    PRECISION = "A0405";
    WEIGHT = "A0406";
    RANGE = "A0407";
    DISTRIBUTION = "A0408";
    HORIZON = "A0409";
    DOMAIN = "A0410";
    REST = "A0411";
    NO_VALUE = "A0412";
    BARGAINING = "A0413";

    NO_ACTION = "A0501";
    OUTSIDE_DOMAIN = "A0502";
    NO_VALUE_ON_PATH = "A0503";
    NOTE_MISSING = "A0504";

    TOO_MANY_STATES = "A0601";
    TOO_MANY_NODES = "A0602";
    TOO_MANY_VALUES = "A0603";
    TOO_MUCH_WORK = "A0604";

    DATA_PATH = "A0701";
    DATA_MISSING = "A0702";
    UNKNOWN_MODEL = "A0703";
    PART_MISSING = "A0704";
    PART_OUTSIDE = "A0705";
    PART_AGAIN = "A0706";
    TOO_DEEP = "A0707";
    EXTENDS_HERE = "A0708";
    NOTHING_TO_CHANGE = "A0709";
    QUOTE_DIFFERS = "A0710";
    QUOTE_UNVERIFIED = "A0711";
    RECORD_TABLE = "A0712";
    RECORD_ROWS = "A0713";
    RECORD_VALUE = "A0714";
    RECORD_IMPOSSIBLE = "A0715";

    OUTSIDE_RANGE = "A0801";
    UNUSED = "A0802";
    UNREACHED = "A0803";
    OVER_AT_START = "A0804";
    NO_EFFECT = "A0805";
    UNCHECKED = "A0806";

    UNSOUND = "A0901";
}
