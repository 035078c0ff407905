//! Generated bindings of the contract in proto/ and their descriptor set.
