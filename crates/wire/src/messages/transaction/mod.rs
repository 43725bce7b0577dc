//! Messages of the group `transaction`. Written by `cargo xtask codegen`: do not edit.

pub mod transaction_log_key;
pub mod transaction_log_value;

pub use transaction_log_key::TransactionLogKey;
pub use transaction_log_value::TransactionLogValue;
