// Evaluations become the bodies of their expressions, with givens.
// RUN: sym-opt --sym-resolve-evals --split-input-file %s | FileCheck %s

// A given replaces the read; without it the read stays.

sym.shared @state : tensor<i64> = dense<0>

// CHECK-NOT: sym.expr
sym.expr @plus(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %r = arith.addi %s, %inc : tensor<i64>
  sym.yield %r : tensor<i64>
}

// CHECK-LABEL: sym.func @skip(
// CHECK-SAME: %[[INC:.*]]: tensor<i64>, %[[FOO:.*]]: tensor<i64>)
// CHECK-NEXT: %[[R:.*]] = arith.addi %[[FOO]], %[[INC]]
// CHECK-NEXT: %[[S:.*]] = sym.read @state
// CHECK-NEXT: %[[Q:.*]] = arith.addi %[[S]], %[[INC]]
// CHECK-NEXT: sym.return %[[R]], %[[Q]]
sym.func @skip(%inc: tensor<i64>, %foo: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  %r = sym.eval @plus(%inc) givens(@state = %foo : tensor<i64>) : (tensor<i64>) -> tensor<i64>
  %q = sym.eval @plus(%inc) : (tensor<i64>) -> tensor<i64>
  %t = sym.stop_gradient %r : tensor<i64>
  sym.return %t, %q : tensor<i64>, tensor<i64>
}

// -----

// A given applies through nested evaluations, two deep and in regions.

sym.shared @a : tensor<i64>
sym.shared @b : tensor<i64>

sym.expr @inner() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  %b = sym.read @b : tensor<i64>
  %r = arith.muli %a, %b : tensor<i64>
  sym.yield %r : tensor<i64>
}
sym.expr @middle(%c: tensor<i1>) -> tensor<i64> {
  %p = tensor.extract %c[] : tensor<i1>
  %r = scf.if %p -> tensor<i64> {
    %x = sym.eval @inner() : () -> tensor<i64>
    scf.yield %x : tensor<i64>
  } else {
    %y = sym.read @a : tensor<i64>
    scf.yield %y : tensor<i64>
  }
  sym.yield %r : tensor<i64>
}

// CHECK-LABEL: sym.func @transitive(
// CHECK-SAME: %{{.*}}: tensor<i1>, %[[X:.*]]: tensor<i64>)
// CHECK: scf.if
// CHECK-NEXT: %[[B:.*]] = sym.read @b
// CHECK-NEXT: %[[R:.*]] = arith.muli %[[X]], %[[B]]
// CHECK-NEXT: scf.yield %[[R]]
// CHECK-NEXT: else
// CHECK-NEXT: scf.yield %[[X]]
sym.func @transitive(%c: tensor<i1>, %x: tensor<i64>) -> tensor<i64> {
  %r = sym.eval @middle(%c) givens(@a = %x : tensor<i64>) : (tensor<i1>) -> tensor<i64>
  sym.return %r : tensor<i64>
}

// -----

// An inner given wins, and its value is computed in the scope where it stands:
// the outer given applies to the reads in it.

sym.shared @a : tensor<i64>

sym.expr @get() -> tensor<i64> {
  %a = sym.read @a : tensor<i64>
  sym.yield %a : tensor<i64>
}
sym.expr @outer() -> (tensor<i64>, tensor<i64>) {
  %a = sym.read @a : tensor<i64>
  %twice = arith.addi %a, %a : tensor<i64>
  %r = sym.eval @get() givens(@a = %twice : tensor<i64>) : () -> tensor<i64>
  %q = sym.eval @get() : () -> tensor<i64>
  sym.yield %r, %q : tensor<i64>, tensor<i64>
}

// CHECK-LABEL: sym.func @scopes(
// CHECK-SAME: %[[X:.*]]: tensor<i64>)
// CHECK-NEXT: %[[T:.*]] = arith.addi %[[X]], %[[X]]
// CHECK-NEXT: sym.return %[[T]], %[[X]]
sym.func @scopes(%x: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  %r:2 = sym.eval @outer() givens(@a = %x : tensor<i64>) : () -> (tensor<i64>, tensor<i64>)
  sym.return %r#0, %r#1 : tensor<i64>, tensor<i64>
}

// A given that comes from another evaluation, and one that reads the variable
// that it gives.
// CHECK-LABEL: sym.func @chain(
// CHECK-NEXT: %[[A:.*]] = sym.read @a
// CHECK-NEXT: %[[D:.*]] = arith.addi %[[A]], %[[A]]
// CHECK-NEXT: sym.return %[[D]]
sym.func @chain() -> tensor<i64> {
  %a = sym.eval @get() : () -> tensor<i64>
  %d = arith.addi %a, %a : tensor<i64>
  %e = sym.eval @get() givens(@a = %d : tensor<i64>) : () -> tensor<i64>
  %f = sym.eval @get() givens(@a = %e : tensor<i64>) : () -> tensor<i64>
  sym.return %f : tensor<i64>
}
