// Checks whose condition does not change move out of control flow (T4).
// RUN: sym-opt --pass-pipeline='builtin.module(func.func(sym-hoist-checks))' --split-input-file %s | FileCheck %s

// The loop may not run.
// CHECK-LABEL: func.func @loop(
// CHECK-SAME: %[[LB:.*]]: index, %[[UB:.*]]: index, %[[A:.*]]: tensor<?xf32>, %[[M:.*]]: index)
// CHECK: %[[RUNS:.*]] = arith.cmpi slt, %[[LB]], %[[UB]] : index
// CHECK: %[[N:.*]] = tensor.dim %[[A]]
// CHECK: %[[OK:.*]] = arith.cmpi eq, %[[M]], %[[N]] : index
// CHECK: %[[SKIPPED:.*]] = arith.xori %[[RUNS]]
// CHECK: %[[HOLDS:.*]] = arith.ori %[[OK]], %[[SKIPPED]]
// CHECK: sym.check %[[HOLDS]], kind(shape) "sizes {0} and {1}"(%[[M]], %[[N]] : index, index)
// CHECK: scf.for
// CHECK-NOT: sym.check
func.func @loop(%lb: index, %ub: index, %a: tensor<?xf32>, %m: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %lb to %ub step %c1 {
    %n = tensor.dim %a, %c0 : tensor<?xf32>
    %ok = arith.cmpi eq, %m, %n : index
    sym.check %ok, kind(shape) "sizes {0} and {1}"(%m, %n : index, index)
  }
  return
}

// Out of two loops and a branch. The first failure is in the first iteration.
// CHECK-LABEL: func.func @nest(
// CHECK: sym.check %{{.*}}, "at {0}"(%c0 : index)
// CHECK: scf.for
// CHECK: scf.if
// CHECK-NOT: sym.check
func.func @nest(%n: index, %c: i1, %d: i1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    scf.if %c {
      sym.check %d, "at {0}"(%i : index)
    }
  }
  return
}

// The condition of an scf.while is computed at least once.
// CHECK-LABEL: func.func @while
// CHECK-NEXT: sym.check
// CHECK-NEXT: scf.while
func.func @while(%c: i1, %d: i1) {
  scf.while : () -> () {
    sym.check %d, "once"
    scf.condition(%c)
  } do {
    scf.yield
  }
  return
}

// What changes stays; so does what must not be computed early.
// CHECK-LABEL: func.func @stays
// CHECK-NOT: sym.check
// CHECK: scf.for
// CHECK: sym.check %{{.*}}, "changes"
// CHECK: tensor.extract
// CHECK: sym.check %{{.*}}, "pure, but undefined outside"
func.func @stays(%n: index, %m: index, %t: tensor<?xi1>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %ok = arith.cmpi ult, %i, %m : index
    sym.check %ok, "changes"
    %x = tensor.extract %t[%c0] : tensor<?xi1>
    sym.check %x, "pure, but undefined outside"
  }
  return
}

// -----

// A host program does what it does before a check fails (T10).

sym.shared @s : tensor<i64> = dense<0>

// CHECK-LABEL: func.func @host
// CHECK: scf.for
// CHECK-NEXT: sym.set_value
// CHECK-NEXT: sym.check
func.func @host(%n: index, %c: i1, %v: tensor<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    sym.set_value @s = %v : tensor<i64>
    sym.check %c, "later"
  }
  return
}
