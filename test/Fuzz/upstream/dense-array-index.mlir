// The parser of dense arrays asks `index` for its width.
module attributes {test.value = array<index: 0, 0>} {}
