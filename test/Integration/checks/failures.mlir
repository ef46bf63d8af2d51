// Every kind of failed check ends the call with its status, the values and the
// place, and no variable changes (T4): each call would add to @state.
// RUN: %python %S/run_failures.py sym-runner %s
// RUN: %python %S/run_failures.py sym-runner %s --force-copies

sym.shared @state : tensor<?xf64> = dense<[1.0, 2.0]> : tensor<2xf64>
sym.shared @calls : tensor<i64> = dense<0>

// ARGS: [1.5, 2.5, 3.5]
// FAIL: SYM_SHAPE_MISMATCH: arith.addf: dimension 0 of operand 1 has size 3, but operand 0 has 2
sym.func @sizes(%x: tensor<?xf64>) -> tensor<?xf64> {
  %s = sym.read @state : tensor<?xf64>
  %n = arith.addf %s, %x : tensor<?xf64>
  sym.return %s : tensor<?xf64> updates(@state = %n : tensor<?xf64>)
}

// ARGS: 2
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract: index 2 of dimension 0 is out of range for size 2
// ARGS: -1
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract: index -1 of dimension 0 is out of range for size 2
sym.func @element(%i: tensor<i64>) -> tensor<f64> {
  %s = sym.read @state : tensor<?xf64>
  %c = sym.read @calls : tensor<i64>
  %x = tensor.extract %i[] : tensor<i64>
  %j = arith.index_cast %x : i64 to index
  %n = arith.addi %c, %i : tensor<i64>
  %e = tensor.extract %s[%j] : tensor<?xf64>
  %r = tensor.from_elements %e : tensor<f64>
  sym.return %r : tensor<f64> updates(@calls = %n : tensor<i64>)
}

// ARGS: 0
// FAIL: SYM_DIVISION_BY_ZERO: arith.divsi: 7 is divided by zero
sym.func @quotient(%d: tensor<i64>) -> tensor<i64> {
  %seven = arith.constant dense<7> : tensor<i64>
  %q = arith.divsi %seven, %d : tensor<i64>
  sym.return %q : tensor<i64> updates(@calls = %q : tensor<i64>)
}

// ARGS: [1, -1, 0] [5, -2147483648, 1]
// FAIL: SYM_DIVISION_BY_ZERO: arith.remsi: -2147483648 divided by -1 overflows at index 1
// ARGS: [1, 2, 0] [5, -2147483648, 1]
// FAIL: SYM_DIVISION_BY_ZERO: arith.remsi: 1 is divided by zero at index 2
sym.func @remainders(%d: tensor<?xi32>, %x: tensor<?xi32>) -> tensor<?xi32> {
  %q = arith.remsi %x, %d : tensor<?xi32>
  %one = arith.constant dense<1> : tensor<i64>
  sym.return %q : tensor<?xi32> updates(@calls = %one : tensor<i64>)
}

// ARGS: 1 2
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract_slice: a slice of size 2 at offset 1 is outside of dimension 0 of size 2
// ARGS: -1 1
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract_slice: a slice of size 1 at offset -1 is outside of dimension 0 of size 2
// ARGS: 0 -1
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract_slice: a slice of size -1 at offset 0 is outside of dimension 0 of size 2
// ARGS: 2 0
// PASS: []
// ARGS: 1 1
// PASS: [2.]
// ARGS: 9223372036854775807 2
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract_slice: a slice of size 2 at offset 9223372036854775807 is outside of dimension 0 of size 2
sym.func @slice(%o: tensor<i64>, %n: tensor<i64>) -> tensor<?xf64> {
  %s = sym.read @state : tensor<?xf64>
  %ox = tensor.extract %o[] : tensor<i64>
  %oi = arith.index_cast %ox : i64 to index
  %nx = tensor.extract %n[] : tensor<i64>
  %ni = arith.index_cast %nx : i64 to index
  %r = tensor.extract_slice %s[%oi] [%ni] [1] : tensor<?xf64> to tensor<?xf64>
  sym.return %r : tensor<?xf64> updates(@state = %r : tensor<?xf64>)
}

// ARGS: [1, 0, 1]
// PASS: [2. 1. 2.]
// ARGS: [0, 1, 2, 1]
// FAIL: SYM_INDEX_OUT_OF_RANGE: tensor.extract: index 2 of dimension 0 is out of range for size 2 at index 2
sym.func @take(%i: tensor<?xi64>) -> tensor<?xf64> {
  %s = sym.read @state : tensor<?xf64>
  %c0 = arith.constant 0 : index
  %n = tensor.dim %i, %c0 : tensor<?xi64>
  %e = tensor.empty(%n) : tensor<?xf64>
  %r = linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%i : tensor<?xi64>) outs(%e : tensor<?xf64>) {
  ^bb0(%x: i64, %o: f64):
    %y = arith.index_cast %x : i64 to index
    %z = tensor.extract %s[%y] : tensor<?xf64>
    linalg.yield %z : f64
  } -> tensor<?xf64>
  sym.return %r : tensor<?xf64> updates(@state = %r : tensor<?xf64>)
}

// ARGS: [[1.0, 2.0], [3.0, 4.0]] [[1.0, 2.0]]
// FAIL: SYM_SHAPE_MISMATCH: linalg.matmul: dimension 0 of operand 1 has size 1, but dimension 1 of operand 0 has 2
sym.func @product(%a: tensor<?x?xf64>, %b: tensor<?x?xf64>) -> tensor<?x?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0.0 : f64
  %m = tensor.dim %a, %c0 : tensor<?x?xf64>
  %n = tensor.dim %b, %c1 : tensor<?x?xf64>
  %e = tensor.empty(%m, %n) : tensor<?x?xf64>
  %f = linalg.fill ins(%z : f64) outs(%e : tensor<?x?xf64>) -> tensor<?x?xf64>
  %r = linalg.matmul ins(%a, %b : tensor<?x?xf64>, tensor<?x?xf64>) outs(%f : tensor<?x?xf64>) -> tensor<?x?xf64>
  sym.return %r : tensor<?x?xf64>
}

// ARGS: [1.0, 2.0, 3.0]
// FAIL: SYM_SHAPE_MISMATCH: tensor.cast: dimension 0 has size 3, but the cast needs 4
sym.func @cast(%x: tensor<?xf64>) -> tensor<4xf64> {
  %r = tensor.cast %x : tensor<?xf64> to tensor<4xf64>
  sym.return %r : tensor<4xf64>
}

// ARGS: [1.0, 2.0, 3.0] 2
// FAIL: SYM_SHAPE_MISMATCH: tensor.expand_shape: dimension 0 of size 3 cannot be expanded to the sizes 2, 2
// ARGS: [1.0, 2.0, 3.0, 4.0] 2
// PASS: [[1. 2.] [3. 4.]]
// ARGS: [1.0, 2.0] 4611686018427387905
// FAIL: SYM_SHAPE_MISMATCH: tensor.expand_shape: dimension 0 of size 2 cannot be expanded to the sizes 4611686018427387905, 2
sym.func @expand(%x: tensor<?xf64>, %n: tensor<i64>) -> tensor<?x2xf64> {
  %v = tensor.extract %n[] : tensor<i64>
  %i = arith.index_cast %v : i64 to index
  %r = tensor.expand_shape %x [[0, 1]] output_shape [%i, 2] : tensor<?xf64> into tensor<?x2xf64>
  sym.return %r : tensor<?x2xf64>
}

// ARGS: -3
// FAIL: SYM_SHAPE_MISMATCH: tensor.splat: the size of dimension 0 is -3, but must not be negative
// ARGS: 4611686018427387904
// FAIL: SYM_SHAPE_MISMATCH: tensor.splat: the sizes 4611686018427387904 are too large
sym.func @fill(%n: tensor<i64>) -> tensor<?xf64> {
  %v = tensor.extract %n[] : tensor<i64>
  %i = arith.index_cast %v : i64 to index
  %z = arith.constant 0.0 : f64
  %r = tensor.splat %z[%i] : tensor<?xf64>
  sym.return %r : tensor<?xf64> updates(@state = %r : tensor<?xf64>)
}

// ARGS: [1.5, nan]
// FAIL: SYM_CHECK_FAILED: arith.fptosi: nan is outside of the range of signed i32 at index 1
// ARGS: [2147483648.0, 0.0]
// FAIL: SYM_CHECK_FAILED: arith.fptosi: 2147483648.0 is outside of the range of signed i32 at index 0
// ARGS: [-inf, 0.0]
// FAIL: SYM_CHECK_FAILED: arith.fptosi: -inf is outside of the range of signed i32 at index 0
// ARGS: [2147483647.5, -2147483648.5]
// PASS: [ 2147483647 -2147483648]
sym.func @integers(%x: tensor<?xf64>) -> tensor<?xi32> {
  %r = arith.fptosi %x : tensor<?xf64> to tensor<?xi32>
  sym.return %r : tensor<?xi32>
}

// ARGS: 8
// FAIL: SYM_CHECK_FAILED: arith.shli: a shift by 8 is beyond the width of 8 bits
// ARGS: 7
// PASS: -128
sym.func @shift(%n: tensor<i8>) -> tensor<i8> {
  %one = arith.constant dense<1> : tensor<i8>
  %r = arith.shli %one, %n : tensor<i8>
  sym.return %r : tensor<i8>
}

// ARGS: 0 [1.0, 2.0]
// FAIL: SYM_CHECK_FAILED: scf.for: step 0 is not positive
// ARGS: 1 [1.0, 2.0, 3.0]
// FAIL: SYM_SHAPE_MISMATCH: arith.addf: dimension 0 of operand 1 has size 3, but operand 0 has 2
sym.func @loop(%n: tensor<i64>, %x: tensor<?xf64>) {
  %s = sym.read @state : tensor<?xf64>
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %v = tensor.extract %n[] : tensor<i64>
  %step = arith.index_cast %v : i64 to index
  %r = scf.for %i = %c0 to %c3 step %step iter_args(%w = %s) -> tensor<?xf64> {
    %u = arith.addf %w, %x : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  sym.return updates(@state = %r : tensor<?xf64>)
}

// A check behind the write of an earlier iteration: done out of place.
// ARGS: [1, 1, 0, 1]
// FAIL: SYM_CHECK_FAILED: 0 is not positive
sym.func @late(%x: tensor<?xi64>) {
  %s = sym.read @calls : tensor<i64>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %z = arith.constant 0 : i64
  %n = tensor.dim %x, %c0 : tensor<?xi64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%w = %s) -> tensor<i64> {
    %v = tensor.extract %x[%i] : tensor<?xi64>
    %ok = arith.cmpi sgt, %v, %z : i64
    sym.check %ok, "{0} is not positive"(%v : i64)
    %y = tensor.extract %w[] : tensor<i64>
    %t = arith.addi %y, %v : i64
    %u = tensor.insert %t into %w[] : tensor<i64>
    scf.yield %u : tensor<i64>
  }
  sym.return updates(@calls = %r : tensor<i64>)
}

// What the variables are before.
func.func @nothing() {
  return
}
