// What upstream's passes may and must not do with the operations.
// RUN: sym-opt --canonicalize --split-input-file %s | FileCheck %s --check-prefixes=CHECK,CANON
// RUN: sym-opt --cse --split-input-file %s | FileCheck %s --check-prefixes=CHECK,CSE
// RUN: sym-opt --canonicalize --cse --loop-invariant-code-motion --split-input-file %s | FileCheck %s --check-prefixes=CHECK,LICM
// RUN: sym-opt --inline --split-input-file %s | FileCheck %s --check-prefix=INLINE
// RUN: sym-opt --symbol-dce --split-input-file %s | FileCheck %s --check-prefix=DCE

sym.shared @s : tensor<i64> = dense<0>

// Two reads of one variable are one value (T1).
// CHECK-LABEL: sym.func @reads
// CSE: %[[S:.*]] = sym.read @s
// CSE-NOT: sym.read
// CSE: arith.addi %[[S]], %[[S]]
sym.func @reads() -> tensor<i64> {
  %a = sym.read @s : tensor<i64>
  %b = sym.read @s : tensor<i64>
  %r = arith.addi %a, %b : tensor<i64>
  sym.return %r : tensor<i64>
}

// A read that nothing uses goes.
// CHECK-LABEL: sym.func @dead_read
// CANON-NOT: sym.read
// CHECK: sym.return
sym.func @dead_read() {
  %a = sym.read @s : tensor<i64>
  sym.return
}

// A read is hoisted out of a loop.
// CHECK-LABEL: sym.func @hoist
// LICM: sym.read @s
// LICM: scf.for
sym.func @hoist(%x: tensor<i64>) -> tensor<i64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  %r = scf.for %i = %c0 to %c9 step %c1 iter_args(%p = %x) -> (tensor<i64>) {
    %s = sym.read @s : tensor<i64>
    %n = arith.addi %p, %s : tensor<i64>
    scf.yield %n : tensor<i64>
  }
  sym.return %r : tensor<i64>
}

// Checks stay, in their order, also equal ones; one that always holds goes.
// CHECK-LABEL: sym.func @checks
// CHECK: sym.check %{{.*}}, "first"
// CHECK: sym.check %{{.*}}, "second"
// CHECK: sym.check %{{.*}}, "second"
// CANON-NOT: sym.check
// CHECK: sym.return
sym.func @checks(%x: tensor<i1>) {
  %c = tensor.extract %x[] : tensor<i1>
  sym.check %c, "first"
  sym.check %c, "second"
  sym.check %c, "second"
  %true = arith.constant true
  sym.check %true, "holds"
  sym.return
}

// A check in a loop stays there: it may not run at all.
// CHECK-LABEL: sym.func @check_in_loop
// LICM: scf.for
// LICM: sym.check
sym.func @check_in_loop(%x: tensor<i1>, %n: tensor<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %i = tensor.extract %n[] : tensor<i64>
  %m = arith.index_cast %i : i64 to index
  %c = tensor.extract %x[] : tensor<i1>
  scf.for %j = %c0 to %m step %c1 {
    sym.check %c, "in the loop"
  }
  sym.return
}

// Stopping a gradient twice is stopping it once.
// CHECK-LABEL: sym.func @stop
// CANON: sym.stop_gradient
// CANON-NOT: sym.stop_gradient
// CANON: sym.return
sym.func @stop(%x: tensor<i64>) -> tensor<i64> {
  %a = sym.stop_gradient %x : tensor<i64>
  %b = sym.stop_gradient %a : tensor<i64>
  sym.return %b : tensor<i64>
}

// Equal evaluations are one, an unused one goes.
// CHECK-LABEL: sym.func @evals
// LICM: %[[E:.*]] = sym.eval @e
// LICM-NOT: sym.eval
// LICM: sym.return %[[E]], %[[E]]
sym.expr @e() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  sym.yield %s : tensor<i64>
}
sym.func @evals() -> (tensor<i64>, tensor<i64>) {
  %a = sym.eval @e() : () -> tensor<i64>
  %b = sym.eval @e() : () -> tensor<i64>
  %c = sym.eval @e() : () -> tensor<i64>
  sym.return %a, %b : tensor<i64>, tensor<i64>
}

// -----

sym.shared @s : tensor<i64> = dense<0>
sym.func @step() -> tensor<i64> {
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %s : tensor<i64>
  sym.return %s : tensor<i64> updates(@s = %n : tensor<i64>)
}

// A value is not read again over a call, and a call is never removed, merged or
// hoisted.
// CHECK-LABEL: func.func @across_calls
// CHECK: %[[A:.*]] = sym.get_value
// CHECK: sym.call @step
// CHECK: %[[B:.*]] = sym.get_value
// CHECK: sym.call @step
// CHECK: sym.print %[[A]]
// CHECK: sym.print %[[B]]
func.func @across_calls() {
  %a = sym.get_value @s : tensor<i64>
  %x = sym.call @step() : () -> tensor<i64>
  %b = sym.get_value @s : tensor<i64>
  %y = sym.call @step() : () -> tensor<i64>
  sym.print %a : tensor<i64>
  sym.print %b : tensor<i64>
  return
}

// With nothing between them, two accesses are one; an unused one goes.
// CHECK-LABEL: func.func @adjacent
// LICM: %[[A:.*]] = sym.get_value
// LICM-NOT: sym.get_value
// LICM: sym.print %[[A]]
// LICM: sym.print %[[A]]
func.func @adjacent() {
  %a = sym.get_value @s : tensor<i64>
  %b = sym.get_value @s : tensor<i64>
  %c = sym.get_value @s : tensor<i64>
  sym.print %a : tensor<i64>
  sym.print %b : tensor<i64>
  return
}

// Equal prints are both printed, in their order.
// CHECK-LABEL: func.func @prints
// CHECK: sym.print "a" %{{.*}}
// CHECK: sym.print "b" %{{.*}}
// CHECK: sym.print "a" %{{.*}}
func.func @prints(%x: tensor<i64>) {
  sym.print "a" %x : tensor<i64>
  sym.print "b" %x : tensor<i64>
  sym.print "a" %x : tensor<i64>
  return
}

// Borrows are neither merged nor removed; views are.
// CHECK-LABEL: func.func @borrows
// CHECK: sym.borrow
// CHECK: sym.borrow
// LICM-COUNT-1: sym.view
// LICM-NOT: sym.view
// CHECK: sym.release
// CHECK: sym.release
func.func @borrows() {
  %a = sym.borrow @s : !sym.borrow<tensor<i64>, pinned>
  %b = sym.borrow @s : !sym.borrow<tensor<i64>, pinned>
  %v = sym.view %a : !sym.borrow<tensor<i64>, pinned>
  %w = sym.view %a : !sym.borrow<tensor<i64>, pinned>
  %unused = sym.view %b : !sym.borrow<tensor<i64>, pinned>
  sym.print %v : tensor<i64>
  sym.print %w : tensor<i64>
  sym.release %a : !sym.borrow<tensor<i64>, pinned>
  sym.release %b : !sym.borrow<tensor<i64>, pinned>
  return
}

// An access in a loop stays there: the loop's calls change what it sees.
// CHECK-LABEL: func.func @access_in_loop
// CHECK: scf.for
// CHECK: sym.get_value
// CHECK: sym.set_value
func.func @access_in_loop(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = sym.get_value @s : tensor<i64>
    %b = arith.addi %a, %a : tensor<i64>
    sym.set_value @s = %b : tensor<i64>
  }
  return
}

// -----

sym.shared @s : tensor<i64> = dense<0>
sym.func @step() {
  %s = sym.read @s : tensor<i64>
  %n = arith.addi %s, %s : tensor<i64>
  sym.return updates(@s = %n : tensor<i64>)
}

// A host program is inlined into another one, but not into a parallel loop.
// INLINE-LABEL: func.func @caller
// INLINE-NOT: call @twice
// INLINE: sym.call @step
// INLINE: sym.call @step
// INLINE: scf.parallel
// INLINE: func.call @twice
func.func private @twice() {
  sym.call @step() : () -> ()
  sym.call @step() : () -> ()
  return
}
func.func @caller(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  func.call @twice() : () -> ()
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    func.call @twice() : () -> ()
    scf.reduce
  }
  return
}

// -----

// Private symbols that nothing names go; what a call, an update, a given or a
// table names stays.
// DCE-NOT: @unused
// DCE: sym.shared private @used
// DCE: sym.shared private @updated
// DCE: sym.expr private @evaluated
// DCE: sym.func private @called
// DCE: sym.entry @entry
// DCE: func.func private @entry.body
// DCE: func.func @main
sym.shared private @unused : tensor<i64>
sym.shared private @used : tensor<i64>
sym.shared private @updated : tensor<i64>
sym.expr private @unused_expr() -> tensor<i64> {
  %s = sym.read @unused : tensor<i64>
  sym.yield %s : tensor<i64>
}
sym.expr private @evaluated() -> tensor<i64> {
  %s = sym.read @used : tensor<i64>
  sym.yield %s : tensor<i64>
}
sym.func private @unused_func() {
  sym.return
}
sym.func private @called() {
  %r = sym.eval @evaluated() : () -> tensor<i64>
  sym.return updates(@updated = %r : tensor<i64>)
}
sym.entry @entry : () -> () reads [@used] updates [] body @entry.body
func.func private @entry.body(%s: tensor<i64>) {
  return
}
func.func @main() {
  sym.call @called() : () -> ()
  return
}
