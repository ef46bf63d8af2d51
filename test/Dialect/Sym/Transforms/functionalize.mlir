// Functions over state become a table and a private pure function.
// RUN: sym-opt --sym-functionalize --split-input-file %s | FileCheck %s

// A read becomes an argument, an update a result.

sym.shared @state : tensor<i64> = dense<0>

// CHECK: sym.entry @accumulator : (tensor<i64>) -> tensor<i64>
// CHECK-SAME: reads [@state] updates [@state] body @accumulator.body
// CHECK: func.func private @accumulator.body(%[[INC:.*]]: tensor<i64>, %[[S:.*]]: tensor<i64>)
// CHECK-SAME: -> (tensor<i64>, tensor<i64>)
// CHECK-NEXT: %[[N:.*]] = arith.addi %[[S]], %[[INC]]
// CHECK-NEXT: return %[[S]], %[[N]]
// CHECK-NOT: sym.func
sym.func @accumulator(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %n = arith.addi %s, %inc : tensor<i64>
  sym.return %s : tensor<i64> updates(@state = %n : tensor<i64>)
}

// -----

// Reads and updates have the module's order, whatever the order in the body;
// reads of one variable are one argument; what is not read has none (T2).

// CHECK: sym.entry @f : () -> () reads [@a, @b] updates [@a, @b, @c] body @f.body
// CHECK: func.func private @f.body(%[[A:.*]]: tensor<1xf32>, %[[B:.*]]: tensor<2xf32>)
// CHECK-SAME: -> (tensor<1xf32>, tensor<2xf32>, tensor<3xf32>)
// CHECK: %[[NA:.*]] = arith.addf %[[A]], %[[A]]
// CHECK: return %[[NA]], %[[B]], %[[C:.*]] : tensor<1xf32>, tensor<2xf32>, tensor<3xf32>
sym.func @f() {
  %b = sym.read @b : tensor<2xf32>
  %a = sym.read @a : tensor<1xf32>
  %again = sym.read @a : tensor<1xf32>
  %n = arith.addf %a, %again : tensor<1xf32>
  %c = arith.constant dense<0.0> : tensor<3xf32>
  sym.return updates(@c = %c : tensor<3xf32>, @b = %b : tensor<2xf32>, @a = %n : tensor<1xf32>)
}
sym.shared @a : tensor<1xf32>
sym.shared @b : tensor<2xf32>
sym.shared @c : tensor<3xf32>

// -----

// A read inside structured control flow is the same argument.

sym.shared @state : tensor<i64>

// CHECK: sym.entry @branch : (tensor<i1>) -> tensor<i64> reads [@state] updates []
// CHECK: func.func private @branch.body(%{{.*}}: tensor<i1>, %[[S:.*]]: tensor<i64>)
// CHECK: scf.if
// CHECK-NEXT: scf.yield %[[S]]
sym.func @branch(%p: tensor<i1>) -> tensor<i64> {
  %c = tensor.extract %p[] : tensor<i1>
  %r = scf.if %c -> tensor<i64> {
    %s = sym.read @state : tensor<i64>
    scf.yield %s : tensor<i64>
  } else {
    %z = arith.constant dense<0> : tensor<i64>
    scf.yield %z : tensor<i64>
  }
  sym.return %r : tensor<i64>
}

// -----

// The body gets a name that nothing has; attributes and visibility stay with
// the table; calls find it.

func.func private @f.body()

// CHECK: sym.entry @f : (tensor<i64>) -> tensor<i64> reads [] updates [] body @f.body_0
// CHECK-SAME: arg_attrs = [{sym.borrow}]
// CHECK-SAME: res_attrs = [{sym.borrow}]
// CHECK-SAME: sym_visibility = "private"
// CHECK: func.func private @f.body_0(%{{.*}}: tensor<i64>) -> tensor<i64>
sym.func private @f(%a: tensor<i64> {sym.borrow}) -> (tensor<i64> {sym.borrow}) {
  sym.return %a : tensor<i64>
}

// CHECK: func.func @main
// CHECK: sym.call @f
func.func @main(%a: tensor<i64>) {
  %r = sym.call @f(%a) : (tensor<i64>) -> tensor<i64>
  return
}
