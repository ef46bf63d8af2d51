// Globals become shared variables, and functions over them transactions.
// RUN: sym-opt --convert-ml-program-to-sym --split-input-file %s | FileCheck %s

// The pass's own example.
// CHECK: sym.shared private @s : tensor<i64> = dense<0>
ml_program.global private mutable @s(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-LABEL: sym.func @accumulate(
// CHECK-SAME: %[[X:.*]]: tensor<i64>) -> tensor<i64>
// CHECK-NEXT: %[[OLD:.*]] = sym.read @s : tensor<i64>
// CHECK-NEXT: %[[NEW:.*]] = arith.addi %[[OLD]], %[[X]]
// CHECK-NEXT: sym.return %[[OLD]] : tensor<i64> updates(@s = %[[NEW]] : tensor<i64>)
func.func @accumulate(%x: tensor<i64>) -> tensor<i64> {
  %old = ml_program.global_load @s : tensor<i64>
  %new = arith.addi %old, %x : tensor<i64>
  ml_program.global_store @s = %new : tensor<i64>
  return %old : tensor<i64>
}

// -----

// Initial values: none, extern, of a smaller type, numbers, index.
// CHECK: sym.shared public @none : tensor<4xf32>
// CHECK-NOT: =
ml_program.global public mutable @none : tensor<4xf32>
// CHECK: sym.shared public @extern : tensor<?xf32>
// CHECK-NOT: =
ml_program.global public mutable @extern(#ml_program.extern<tensor<?xf32>>) : tensor<?xf32>
// CHECK: sym.shared public @sized : tensor<?xf32> = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
ml_program.global public mutable @sized(dense<[1.0, 2.0]> : tensor<2xf32>) : tensor<?xf32>
// CHECK: sym.shared nested @f : tensor<f64> = dense<2.500000e+00>
ml_program.global nested @f(2.5 : f64) : f64
// CHECK: sym.shared private @i : tensor<i64> = dense<7>
ml_program.global private mutable @i(7 : index) : index
// CHECK: sym.shared private @t : tensor<2xi64> = dense<[3, 4]>
ml_program.global private @t(dense<[3, 4]> : tensor<2xindex>) : tensor<2xindex>
// CHECK: sym.shared private @b : tensor<i1> = dense<true>
ml_program.global private @b(true) : i1
// CHECK: sym.shared private @big : tensor<2xi32> = dense_resource<two>
ml_program.global private @big(dense_resource<two> : tensor<2xi32>) : tensor<2xi32>

// Numbers cross calls as tensors.
// CHECK-LABEL: sym.func @numbers(
// CHECK-SAME: %[[X:.*]]: tensor<f64>) -> (tensor<f64>, tensor<2xi64>)
// CHECK-DAG: %[[F:.*]] = sym.read @f : tensor<f64>
// CHECK-DAG: %[[FV:.*]] = tensor.extract %[[F]][] : tensor<f64>
// CHECK-DAG: %[[T:.*]] = sym.read @t : tensor<2xi64>
// CHECK-DAG: %[[TV:.*]] = arith.index_cast %[[T]] : tensor<2xi64> to tensor<2xindex>
// CHECK-DAG: %[[XV:.*]] = tensor.extract %[[X]][] : tensor<f64>
// CHECK: %[[S:.*]] = arith.addf %[[FV]], %[[XV]] : f64
// CHECK: %[[ST:.*]] = tensor.from_elements %[[S]] : tensor<f64>
// CHECK: %[[TT:.*]] = arith.index_cast %[[TV]] : tensor<2xindex> to tensor<2xi64>
// CHECK: sym.return %[[ST]], %[[TT]] : tensor<f64>, tensor<2xi64>{{ *$}}
func.func @numbers(%x: f64) -> (f64, tensor<2xindex>) {
  %f = ml_program.global_load_const @f : f64
  %s = arith.addf %f, %x : f64
  %t = ml_program.global_load_const @t : tensor<2xindex>
  return %s, %t : f64, tensor<2xindex>
}

{-# dialect_resources: { builtin: { two: "0x040000000100000002000000" } } #-}

// -----

// A load sees the last store before it; what is stored back is no update.
ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
ml_program.global private mutable @b(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-LABEL: sym.func @sequence(
// CHECK-SAME: %[[X:.*]]: tensor<i64>)
// CHECK-NEXT: %[[B:.*]] = sym.read @b
// CHECK-NEXT: %[[Y:.*]] = arith.addi %[[X]], %[[X]]
// CHECK-NEXT: sym.return %[[X]], %[[Y]], %[[B]] : {{.*}} updates(@a = %[[Y]] : tensor<i64>)
func.func @sequence(%x: tensor<i64>) -> (tensor<i64>, tensor<i64>, tensor<i64>) {
  ml_program.global_store @a = %x : tensor<i64>
  %first = ml_program.global_load @a : tensor<i64>
  %y = arith.addi %first, %first : tensor<i64>
  ml_program.global_store @a = %y : tensor<i64>
  %second = ml_program.global_load @a : tensor<i64>
  %b = ml_program.global_load @b : tensor<i64>
  ml_program.global_store @b = %b : tensor<i64>
  return %first, %second, %b : tensor<i64>, tensor<i64>, tensor<i64>
}

// -----

// Stores in branches become results; a branch that does not store keeps the
// value from before.
ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-LABEL: sym.func @branches(
// CHECK-SAME: %[[C:.*]]: tensor<i1>, %[[X:.*]]: tensor<i64>)
// CHECK: %[[A:.*]] = sym.read @a
// CHECK: %[[R:.*]]:2 = scf.if %{{.*}} -> (i32, tensor<i64>) {
// CHECK:   scf.yield %{{.*}}, %[[X]] : i32, tensor<i64>
// CHECK: } else {
// CHECK:   scf.yield %{{.*}}, %[[A]] : i32, tensor<i64>
// CHECK: %[[Q:.*]] = scf.if %{{.*}} -> (tensor<i64>) {
// CHECK:   %[[D:.*]] = arith.addi %[[R]]#1, %[[X]]
// CHECK:   scf.yield %[[D]]
// CHECK: } else {
// CHECK:   scf.yield %[[R]]#1
// CHECK: updates(@a = %[[Q]] : tensor<i64>)
func.func @branches(%c: i1, %x: tensor<i64>) -> i32 {
  %r = scf.if %c -> i32 {
    ml_program.global_store @a = %x : tensor<i64>
    %one = arith.constant 1 : i32
    scf.yield %one : i32
  } else {
    %two = arith.constant 2 : i32
    scf.yield %two : i32
  }
  scf.if %c {
    %a = ml_program.global_load @a : tensor<i64>
    %d = arith.addi %a, %x : tensor<i64>
    ml_program.global_store @a = %d : tensor<i64>
  }
  return %r : i32
}

// -----

// A loop carries what it stores.
ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-LABEL: sym.func @loop(
// CHECK: %[[A:.*]] = sym.read @a
// CHECK: %[[R:.*]] = scf.for {{.*}} iter_args(%[[I:.*]] = %[[A]]) -> (tensor<i64>) {
// CHECK:   %[[N:.*]] = arith.addi %[[I]],
// CHECK:   scf.yield %[[N]]
// CHECK: updates(@a = %[[R]] : tensor<i64>)
func.func @loop(%n: index, %x: tensor<i64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
    %a = ml_program.global_load @a : tensor<i64>
    %s = arith.addi %a, %x : tensor<i64>
    ml_program.global_store @a = %s : tensor<i64>
  }
  return
}
// CHECK-LABEL: sym.func @while(
// CHECK: %[[A:.*]] = sym.read @a
// CHECK: %[[R:.*]] = scf.while (%[[B:.*]] = %[[A]]) : (tensor<i64>) -> tensor<i64> {
// CHECK:   tensor.extract %[[B]][]
// CHECK:   scf.condition(%{{.*}}) %[[B]] : tensor<i64>
// CHECK: ^bb0(%[[D:.*]]: tensor<i64>):
// CHECK:   %[[N:.*]] = arith.addi %[[D]],
// CHECK:   scf.yield %[[N]]
// CHECK: updates(@a = %[[R]] : tensor<i64>)
func.func @while(%limit: i64, %x: tensor<i64>) {
  scf.while : () -> () {
    %a = ml_program.global_load @a : tensor<i64>
    %v = tensor.extract %a[] : tensor<i64>
    %less = arith.cmpi slt, %v, %limit : i64
    scf.condition(%less)
  } do {
    %a = ml_program.global_load @a : tensor<i64>
    %s = arith.addi %a, %x : tensor<i64>
    ml_program.global_store @a = %s : tensor<i64>
    scf.yield
  }
  return
}

// -----

// Calls are inlined, and what was private and inlined goes; branches are
// structured, and assertions become checks.
ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-NOT: @helper
func.func private @helper(%x: tensor<i64>, %c: i1) -> tensor<i64> {
  cf.assert %c, "x {0} must hold"
  cf.cond_br %c, ^store, ^end
^store:
  ml_program.global_store @a = %x : tensor<i64>
  cf.br ^end
^end:
  %a = ml_program.global_load @a : tensor<i64>
  return %a : tensor<i64>
}
// CHECK-LABEL: sym.func @caller(
// CHECK-SAME: %[[X:[^:]*]]: tensor<i64>
// CHECK: %[[A:.*]] = sym.read @a
// CHECK: sym.check %{{.*}}, "x (0) must hold"
// CHECK: %[[R:.*]] = scf.if
// CHECK:   scf.yield %[[X]] : tensor<i64>
// CHECK: else
// CHECK:   scf.yield %[[A]] : tensor<i64>
// CHECK: sym.return %[[R]] : tensor<i64> updates(@a = %[[R]] : tensor<i64>)
// CHECK-NOT: func.call
func.func @caller(%x: tensor<i64>, %c: i1) -> tensor<i64> {
  %r = call @helper(%x, %c) : (tensor<i64>, i1) -> tensor<i64>
  return %r : tensor<i64>
}

// -----

// Functions of ml_program; tokens order the accesses of a graph.
ml_program.global private mutable @a(dense<0> : tensor<i64>) : tensor<i64>
// CHECK-LABEL: sym.func @function(
// CHECK: sym.return %{{.*}} : tensor<i64>
ml_program.func @function() -> tensor<i64> {
  %a = ml_program.global_load @a : tensor<i64>
  ml_program.return %a : tensor<i64>
}
// CHECK-LABEL: sym.func @graph(
// CHECK: %[[A:.*]] = sym.read @a
// CHECK: %[[S:.*]] = arith.addi
// CHECK: sym.return %[[A]] : tensor<i64> updates(@a = %[[S]] : tensor<i64>)
ml_program.subgraph @graph(%x: tensor<i64>) -> tensor<i64> {
  %stored = ml_program.global_store_graph @a = %s ordering(%loaded -> !ml_program.token) : tensor<i64>
  %s = arith.addi %x, %a : tensor<i64>
  %start = ml_program.token
  %a, %loaded = ml_program.global_load_graph @a ordering(%start -> !ml_program.token) : tensor<i64>
  ml_program.output %a : tensor<i64>
}

// -----

// A host program: accesses one by one, calls of transactions. What has nothing
// to do with globals stays a function.
ml_program.global private mutable @a(1 : i64) : i64
// CHECK-LABEL: sym.func private @add(
func.func private @add(%x: i64) -> i64 {
  %a = ml_program.global_load @a : i64
  %s = arith.addi %a, %x : i64
  ml_program.global_store @a = %s : i64
  return %a : i64
}
// CHECK-LABEL: func.func private @helper(
func.func private @helper(%x: i64) -> i64 {
  return %x : i64
}
// CHECK-LABEL: func.func @main()
// CHECK: %[[G:.*]] = sym.get_value @a : tensor<i64>
// CHECK: %[[V:.*]] = tensor.extract %[[G]][] : tensor<i64>
// CHECK: %[[H:.*]] = call @helper(%[[V]])
// CHECK: %[[T:.*]] = tensor.from_elements %[[H]] : tensor<i64>
// CHECK: %[[C:.*]] = sym.call @add(%[[T]]) : (tensor<i64>) -> tensor<i64>
// CHECK: %[[R:.*]] = tensor.extract %[[C]][] : tensor<i64>
// CHECK: %[[P:.*]] = tensor.from_elements %[[R]] : tensor<i64>
// CHECK: sym.set_value @a = %[[P]] : tensor<i64>
func.func @main() {
  %a = ml_program.global_load @a : i64
  %h = call @helper(%a) : (i64) -> i64
  %r = call @add(%h) : (i64) -> i64
  ml_program.global_store @a = %r : i64
  %now = sym.get_value @other : tensor<i64>
  return
}
sym.shared @other : tensor<i64> = dense<0>
