// C1: loops inside loops, a `while` whose first region computes, and a value yielded
// twice copy in no iteration; the one copy is into the update.
// RUN: sym-opt %s --sym-to-llvm="until-after=buffers report-buffers" --verify-diagnostics -o /dev/null
// RUN: sym-runner %s | FileCheck %s
// RUN: sym-runner %s --force-copies | FileCheck %s
// RUN: env SYM_DEBUG_MEMORY=1 sym-runner %s | FileCheck %s

sym.shared @a : tensor<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
sym.shared @b : tensor<4xf32> = dense<[5.0, 6.0, 7.0, 8.0]>

// Two that change places, an odd number of times in each of nine rounds.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 2 fresh; copies: 2; allocations: 0}}
sym.func @while_in_for(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %y = sym.read @b : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %i0 = arith.constant 0 : index
  %i1 = arith.constant 1 : index
  %i9 = arith.constant 9 : index
  %end = tensor.extract %n[] : tensor<i64>
  %f:2 = scf.for %k = %i0 to %i9 step %i1 iter_args(%u = %x, %v = %y) -> (tensor<4xf32>, tensor<4xf32>) {
    %r:3 = scf.while (%p = %u, %q = %v, %i = %c0) : (tensor<4xf32>, tensor<4xf32>, i64) -> (tensor<4xf32>, tensor<4xf32>, i64) {
      %more = arith.cmpi slt, %i, %end : i64
      scf.condition(%more) %p, %q, %i : tensor<4xf32>, tensor<4xf32>, i64
    } do {
    ^bb0(%p: tensor<4xf32>, %q: tensor<4xf32>, %i: i64):
      %next = arith.addi %i, %c1 : i64
      scf.yield %q, %p, %next : tensor<4xf32>, tensor<4xf32>, i64
    }
    scf.yield %r#0, %r#1 : tensor<4xf32>, tensor<4xf32>
  }
  sym.return updates(@a = %f#0 : tensor<4xf32>, @b = %f#1 : tensor<4xf32>)
}

// Doubled before the condition, squared behind it.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 1 fresh; copies: 1; allocations: 0}}
sym.func @before_computes(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %end = tensor.extract %n[] : tensor<i64>
  %r:2 = scf.while (%p = %x, %i = %c0) : (tensor<4xf32>, i64) -> (tensor<4xf32>, i64) {
    %more = arith.cmpi slt, %i, %end : i64
    %z = arith.addf %p, %p : tensor<4xf32>
    scf.condition(%more) %z, %i : tensor<4xf32>, i64
  } do {
  ^bb0(%p: tensor<4xf32>, %i: i64):
    %next = arith.addi %i, %c1 : i64
    %z = arith.mulf %p, %p : tensor<4xf32>
    scf.yield %z, %next : tensor<4xf32>, i64
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>)
}

// Both become their sum.
// expected-remark @+1 {{out of place: updates: 0 in place, 0 moved, 0 selected, 2 fresh; copies: 2; allocations: 0}}
sym.func @twice(%n: tensor<i64>) {
  %x = sym.read @a : tensor<4xf32>
  %y = sym.read @b : tensor<4xf32>
  %c0 = arith.constant 0 : i64
  %c1 = arith.constant 1 : i64
  %end = tensor.extract %n[] : tensor<i64>
  %r:3 = scf.while (%p = %x, %q = %y, %i = %c0) : (tensor<4xf32>, tensor<4xf32>, i64) -> (tensor<4xf32>, tensor<4xf32>, i64) {
    %more = arith.cmpi slt, %i, %end : i64
    scf.condition(%more) %p, %q, %i : tensor<4xf32>, tensor<4xf32>, i64
  } do {
  ^bb0(%p: tensor<4xf32>, %q: tensor<4xf32>, %i: i64):
    %next = arith.addi %i, %c1 : i64
    %z = arith.addf %p, %q : tensor<4xf32>
    scf.yield %z, %z, %next : tensor<4xf32>, tensor<4xf32>, i64
  }
  sym.return updates(@a = %r#0 : tensor<4xf32>, @b = %r#1 : tensor<4xf32>)
}

func.func @show() {
  %a = sym.get_value @a : tensor<4xf32>
  %b = sym.get_value @b : tensor<4xf32>
  sym.print "a " %a : tensor<4xf32>
  sym.print "b " %b : tensor<4xf32>
  return
}

func.func @main() {
  %n1 = arith.constant dense<1> : tensor<i64>
  %n3 = arith.constant dense<3> : tensor<i64>
  // CHECK: a [5. 6. 7. 8.]
  // CHECK: b [1. 2. 3. 4.]
  sym.call @while_in_for(%n3) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK: a [200. 288. 392. 512.]
  sym.call @before_computes(%n1) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  // CHECK: a [201. 290. 395. 516.]
  // CHECK: b [201. 290. 395. 516.]
  sym.call @twice(%n1) : (tensor<i64>) -> ()
  func.call @show() : () -> ()
  return
}
