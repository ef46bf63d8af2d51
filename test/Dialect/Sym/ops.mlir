// Every operation prints as it was written and parses back.
// RUN: sym-opt %s | FileCheck %s
// RUN: sym-opt %s | sym-opt | FileCheck %s
// RUN: sym-opt --emit-bytecode %s | sym-opt | FileCheck %s
// RUN: sym-opt --mlir-print-op-generic %s | sym-opt | FileCheck %s

// CHECK: sym.shared @state : tensor<i64> = dense<0>
sym.shared @state : tensor<i64> = dense<0>
// CHECK: sym.shared private @w policy(double_buffer) in <cuda, 1> : tensor<?xf32>
sym.shared private @w policy(double_buffer) in <cuda, 1> : tensor<?xf32>
// CHECK: sym.shared @v : tensor<?xf32> = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
sym.shared @v : tensor<?xf32> = dense<[1.0, 2.0]> : tensor<2xf32>

// CHECK-LABEL: sym.func @accumulator(%arg0: tensor<i64> {sym.borrow}) -> (tensor<i64> {sym.borrow}) {
sym.func @accumulator(%inc: tensor<i64> {sym.borrow}) -> (tensor<i64> {sym.borrow}) {
  // CHECK: %[[S:.*]] = sym.read @state : tensor<i64>
  %s = sym.read @state : tensor<i64>
  %next = arith.addi %s, %inc : tensor<i64>
  // CHECK: sym.return %[[S]] : tensor<i64> updates(@state = %{{.*}} : tensor<i64>)
  sym.return %s : tensor<i64> updates(@state = %next : tensor<i64>)
}

// CHECK-LABEL: sym.expr @fn_of_state
sym.expr @fn_of_state(%inc: tensor<i64>) -> tensor<i64> {
  %s = sym.read @state : tensor<i64>
  %r = arith.addi %s, %inc : tensor<i64>
  // CHECK: sym.yield %{{.*}} : tensor<i64>
  sym.yield %r : tensor<i64>
}

// CHECK-LABEL: sym.func @skip_shared
sym.func @skip_shared(%inc: tensor<i64>, %foo: tensor<i64>) -> tensor<i64> {
  %ok = arith.constant true
  %n = arith.constant 3 : index
  // CHECK: sym.check %{{.*}}, kind(index) "index {0} is out of range"(%{{.*}} : index)
  sym.check %ok, kind(index) "index {0} is out of range"(%n : index)
  // CHECK: sym.check %{{.*}}, "plain"
  sym.check %ok, "plain"
  // CHECK: sym.eval @fn_of_state(%{{.*}}) givens(@state = %{{.*}} : tensor<i64>) : (tensor<i64>) -> tensor<i64>
  %r = sym.eval @fn_of_state(%inc) givens(@state = %foo : tensor<i64>) : (tensor<i64>) -> tensor<i64>
  // CHECK: sym.stop_gradient %{{.*}} : tensor<i64>
  %q = sym.stop_gradient %r : tensor<i64>
  sym.return %q : tensor<i64>
}

// CHECK-LABEL: func.func @main
func.func @main() {
  %one = arith.constant dense<1> : tensor<i64>
  // CHECK: sym.call @accumulator(%{{.*}}) : (tensor<i64>) -> tensor<i64>
  %old = sym.call @accumulator(%one) : (tensor<i64>) -> tensor<i64>
  // CHECK: sym.get_value @state : tensor<i64>
  %now = sym.get_value @state : tensor<i64>
  // CHECK: sym.set_value @state = %{{.*}} : tensor<i64>
  sym.set_value @state = %old : tensor<i64>
  // CHECK: sym.borrow @state : <tensor<i64>, exclusive>
  %b = sym.borrow @state : !sym.borrow<tensor<i64>, exclusive>
  // CHECK: sym.view %{{.*}} : <tensor<i64>, exclusive>
  %v = sym.view %b : !sym.borrow<tensor<i64>, exclusive>
  // CHECK: sym.print "value: " %{{.*}} : tensor<i64>
  sym.print "value: " %v : tensor<i64>
  // CHECK: sym.release %{{.*}} = %{{.*}} : <tensor<i64>, exclusive>, tensor<i64>
  sym.release %b = %now : !sym.borrow<tensor<i64>, exclusive>, tensor<i64>
  // CHECK: sym.print %{{.*}} : tensor<i64>
  sym.print %now : tensor<i64>
  return
}

// CHECK: sym.entry @f : (tensor<i64>) -> tensor<i64> reads [@state] updates [@state] body @f.body
sym.entry @f : (tensor<i64>) -> tensor<i64> reads [@state] updates [@state] body @f.body
func.func private @f.body(%a: tensor<i64>, %s: tensor<i64>) -> (tensor<i64>, tensor<i64>) {
  return %s, %a : tensor<i64>, tensor<i64>
}

// CHECK: sym.entry @g : () -> tensor<i64> reads [@state] updates [@state]
// CHECK-SAME: inplace @g.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
// CHECK-SAME: outofplace @g.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
sym.entry @g : () -> tensor<i64> reads [@state] updates [@state]
    inplace @g.inplace [#sym.slot<fresh>, #sym.slot<inplace>]
    outofplace @g.outofplace [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @g.inplace(%s: memref<i64>) {
  // CHECK: sym.alloc_result 0() : memref<i64>
  %r = sym.alloc_result 0() : memref<i64>
  memref.copy %s, %r : memref<i64> to memref<i64>
  return
}
func.func private @g.outofplace(%s: memref<i64>) {
  %n = arith.constant 64 : index
  // CHECK: sym.arena %{{.*}} : memref<?xi8>
  %a = sym.arena %n : memref<?xi8>
  %r = sym.alloc_result 0() : memref<i64>
  %u = sym.alloc_result 1() : memref<i64>
  memref.copy %s, %r : memref<i64> to memref<i64>
  memref.copy %s, %u : memref<i64> to memref<i64>
  // CHECK: sym.select_result 1 = %{{.*}} : memref<i64>
  sym.select_result 1 = %s : memref<i64>
  // CHECK: sym.move_result 0 from 2
  sym.move_result 0 from 2
  return
}
