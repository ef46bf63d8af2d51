// C1, C2: what updates become, and that nothing is copied that need not be.
// RUN: sym-opt %s --sym-to-llvm="until-after=buffers report-buffers" --verify-diagnostics -o /dev/null

sym.shared @a : tensor<?xf32>
sym.shared @b : tensor<?xf32>
sym.shared @k : tensor<4xf32>

// Whatever the order of operands.
// expected-remark @+2 {{in place: updates: 1 in place, 0 moved, 0 selected, 0 fresh; copies: 0; allocations: 0}}
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 0; allocations: 0}}
sym.func @decay(%x: tensor<?xf32>) {
  %a = sym.read @a : tensor<?xf32>
  %0 = arith.mulf %x, %a : tensor<?xf32>
  %1 = arith.addf %x, %0 : tensor<?xf32>
  sym.return updates(@a = %1 : tensor<?xf32>)
}

// Nor of statements: both are computed from the values before the call (T2), in
// one loop that reads each element before it writes it.
// expected-remark @+2 {{in place: updates: 2 in place, 0 moved, 0 selected, 0 fresh; copies: 0; allocations: 0}}
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 2 fresh; copies: 0; allocations: 0}}
sym.func @cross() {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  %0 = arith.addf %a, %b : tensor<?xf32>
  %1 = arith.subf %a, %b : tensor<?xf32>
  sym.return updates(@a = %0 : tensor<?xf32>, @b = %1 : tensor<?xf32>)
}

// A swap is an exchange of pointers.
// expected-remark @+1 {{out of place: updates: 0 in place, 2 moved, 0 selected, 0 fresh; copies: 0; allocations: 0}}
sym.func @swap() {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  sym.return updates(@a = %b : tensor<?xf32>, @b = %a : tensor<?xf32>)
}

// Also under a branch.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 2 selected, 0 fresh; copies: 0; allocations: 0}}
sym.func @maybe_swap(%c: tensor<i1>) {
  %a = sym.read @a : tensor<?xf32>
  %b = sym.read @b : tensor<?xf32>
  %p = tensor.extract %c[] : tensor<i1>
  %0, %1 = scf.if %p -> (tensor<?xf32>, tensor<?xf32>) {
    scf.yield %b, %a : tensor<?xf32>, tensor<?xf32>
  } else {
    scf.yield %a, %b : tensor<?xf32>, tensor<?xf32>
  }
  sym.return updates(@a = %0 : tensor<?xf32>, @b = %1 : tensor<?xf32>)
}

// What a loop carries is updated in place.
// expected-remark @+2 {{in place: updates: 1 in place, 0 moved, 0 selected, 0 fresh; copies: 0; allocations: 0}}
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 1; allocations: 0}}
sym.func @loop(%n: tensor<i64>, %x: tensor<4xf32>) {
  %k = sym.read @k : tensor<4xf32>
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %i64 = tensor.extract %n[] : tensor<i64>
  %end = arith.index_cast %i64 : i64 to index
  %0 = scf.for %i = %c0 to %end step %c1 iter_args(%v = %k) -> tensor<4xf32> {
    %1 = arith.addf %v, %x : tensor<4xf32>
    scf.yield %1 : tensor<4xf32>
  }
  sym.return updates(@k = %0 : tensor<4xf32>)
}

// The old value is returned: a large one moves, a small one is copied.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 0; allocations: 0}}
sym.func @old_large(%x: tensor<?xf32>) -> tensor<?xf32> {
  %a = sym.read @a : tensor<?xf32>
  %0 = arith.addf %a, %x : tensor<?xf32>
  sym.return %a : tensor<?xf32> updates(@a = %0 : tensor<?xf32>)
}
// expected-remark @+2 {{in place: updates: 1 in place, 0 moved, 0 selected, 0 fresh; copies: 1; allocations: 0}}
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 0; allocations: 0}}
sym.func @old_small(%x: tensor<4xf32>) -> tensor<4xf32> {
  %k = sym.read @k : tensor<4xf32>
  %0 = arith.addf %k, %x : tensor<4xf32>
  sym.return %k : tensor<4xf32> updates(@k = %0 : tensor<4xf32>)
}
