// Functions get the frame and a status; what can fail calls the runtime.
// RUN: sym-opt %s --sym-lower-to-runtime --split-input-file | FileCheck %s

// Of a variant, buffers become pointers that do not overlap, and the wrapper
// takes them out of the frame.
sym.shared @s : tensor<?xf32>
sym.entry @f : (tensor<2x?xf32>) -> tensor<?xf32> reads [@s] updates []
    inplace @f.v [#sym.slot<fresh>] outofplace @f.v [#sym.slot<fresh>]
// CHECK-LABEL: func.func private @f.v.impl(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr, %[[X:.*]]: !llvm.ptr {llvm.noalias}, %[[N:.*]]: i64, %[[S:.*]]: !llvm.ptr {llvm.noalias}, %[[M:.*]]: i64) -> i32
func.func private @f.v(%x: memref<2x?xf32>, %s: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %m = memref.dim %s, %c0 : memref<?xf32>
  // The sizes lie on the stack; a null pointer ends the call.
  // CHECK: %[[R:.*]] = llvm.call @sym_rt_result(%[[FRAME]], %{{.*}}, %{{.*}})
  // CHECK: llvm.icmp "ne" %[[R]]
  // CHECK: cf.cond_br %{{.*}} weights([2000, 1]), ^{{.*}}, ^[[FAIL:bb[0-9]+]](%{{.*}} : i32)
  %r = sym.alloc_result 0(%m) : memref<?xf32>
  // A size that overflows becomes one that the runtime refuses.
  // CHECK: llvm.intr.umul.with.overflow
  // CHECK: %[[MAX:.*]] = llvm.mlir.constant(9223372036854775807 : i64)
  // CHECK: %[[BYTES:.*]] = llvm.select %{{.*}}, %[[MAX]]
  // CHECK: llvm.call @sym_rt_alloc(%[[FRAME]], %[[BYTES]])
  %t = memref.alloc(%m) : memref<?xf32>
  // CHECK: llvm.call @sym_rt_arena(%[[FRAME]]
  %a = sym.arena %m : memref<?xi8>
  // CHECK: llvm.call @sym_rt_free(%[[FRAME]]
  memref.dealloc %t : memref<?xf32>
  // CHECK: return %{{.*}} : i32
  // CHECK: ^[[FAIL]](%[[STATUS:.*]]: i32):
  // CHECK-NEXT: return %[[STATUS]] : i32
  return
}
// CHECK: llvm.func @f.v(%[[F:.*]]: !llvm.ptr) -> i32
// CHECK: call @f.v.impl(%[[F]]

// -----

// A check stores its values, each in eight bytes, and gives its site.
// CHECK-LABEL: func.func @check(
func.func @check(%ok: i1, %i: index, %b: i1, %x: f32) {
  // CHECK: cf.cond_br %{{.*}} weights([2000, 1]), ^[[REST:.*]], ^[[COLD:.*]]
  sym.check %ok, kind(index) "index {0}, {1}, {2}" (%i, %b, %x : index, i1, f32)
  // CHECK: ^[[COLD]]:
  // CHECK: arith.extui
  // CHECK: arith.extf
  // CHECK: llvm.mlir.addressof @sym.site
  // CHECK: %[[S:.*]] = llvm.call @sym_rt_fail
  // CHECK: cf.br ^[[FAIL:.*]](%[[S]] : i32)
  // CHECK: ^[[REST]]:
  return
}
// CHECK: llvm.mlir.global internal unnamed_addr constant @sym.table(dense<[6, 1, 20]>
// CHECK: "index {0}, {1}, {2}\00"
// CHECK: "{{.*}}lower-to-runtime.mlir:{{[0-9]+}}:3\00"

// -----

// The slot of a value that is selected holds its source's pointer.
// CHECK-LABEL: func.func @select(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr
func.func @select(%a: memref<4xf32>) {
  // CHECK: %[[P:.*]] = llvm.getelementptr %[[FRAME]][2]
  // CHECK: %[[SLOTS:.*]] = llvm.load %[[P]]
  // CHECK: llvm.getelementptr %[[SLOTS]][2]
  // CHECK: llvm.store
  sym.select_result 1 = %a : memref<4xf32>
  return
}

// -----

// An old value becomes a result, unless the runtime has to copy it and cannot.
// CHECK-LABEL: func.func @move(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr
func.func @move() {
  // CHECK-DAG: %[[SLOT:.*]] = llvm.mlir.constant(1 : i32)
  // CHECK-DAG: %[[SOURCE:.*]] = llvm.mlir.constant(2 : i32)
  // CHECK: %[[S:.*]] = llvm.call @sym_rt_result_from_source(%[[FRAME]], %[[SLOT]], %[[SOURCE]])
  // CHECK: %[[OK:.*]] = llvm.icmp "eq" %[[S]]
  // CHECK: cf.cond_br %[[OK]]
  sym.move_result 1 from 2
  return
}

// -----

// A function of a host program returns a status beside its results, and a
// caller ends with it (T10).
sym.shared @s : tensor<2xi32>
// CHECK-LABEL: func.func private @get(
// CHECK-SAME: %{{.*}}: !llvm.ptr) -> (i32, memref<2xi32>)
func.func private @get() -> memref<2xi32> {
  // CHECK: llvm.call @sym_rt_get_value
  %v = sym.get_value @s : memref<2xi32>
  return %v : memref<2xi32>
}
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr) -> i32
func.func @main() {
  // CHECK: %[[R:.*]]:2 = call @get(%[[FRAME]])
  // CHECK: %[[OK:.*]] = llvm.icmp "eq" %[[R]]#0
  // CHECK: cf.cond_br %[[OK]] weights([2000, 1]), ^{{.*}}, ^{{.*}}(%[[R]]#0 : i32)
  %v = func.call @get() : () -> memref<2xi32>
  // CHECK: llvm.call @sym_rt_set_value
  sym.set_value @s = %v : memref<2xi32>
  // CHECK: llvm.call @sym_rt_borrow
  %b = sym.borrow @s : !sym.borrow<tensor<2xi32>, exclusive>
  // CHECK: llvm.call @sym_rt_release
  sym.release %b = %v : !sym.borrow<tensor<2xi32>, exclusive>, memref<2xi32>
  // CHECK: llvm.call @sym_rt_print
  sym.print "v " %v : memref<2xi32>
  return
}

// -----

// Before a call that may be nested without bound the stack is looked at, and
// such a call never becomes a jump.
// CHECK-LABEL: func.func private @self(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr) -> i32 attributes {passthrough = {{\[\[}}"disable-tail-calls", "true"]]}
func.func private @self() {
  // CHECK: %[[DEEP:.*]] = llvm.call @sym_rt_check_stack(%[[FRAME]], %{{.*}})
  // CHECK: %[[OK:.*]] = llvm.icmp "eq" %[[DEEP]]
  // CHECK: cf.cond_br %[[OK]] weights([2000, 1]), ^{{.*}}, ^{{.*}}(%[[DEEP]] : i32)
  // CHECK: call @self(%[[FRAME]])
  func.call @self() : () -> ()
  return
}
// CHECK-LABEL: func.func @main(
// CHECK-SAME: %{{.*}}: !llvm.ptr) -> i32 {
func.func @main() {
  // CHECK-NOT: sym_rt_check_stack
  // CHECK: call @self
  func.call @self() : () -> ()
  return
}

// -----

// Nor may a chain of calls be long, of which none is nested in itself.
// CHECK-LABEL: func.func @main(
// CHECK: sym_rt_check_stack
// CHECK: call @f1(
func.func @main() {
  func.call @f1() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f1(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f2(
func.func private @f1() {
  func.call @f2() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f2(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f3(
func.func private @f2() {
  func.call @f3() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f3(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f4(
func.func private @f3() {
  func.call @f4() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f4(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f5(
func.func private @f4() {
  func.call @f5() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f5(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f6(
func.func private @f5() {
  func.call @f6() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f6(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f7(
func.func private @f6() {
  func.call @f7() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f7(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f8(
func.func private @f7() {
  func.call @f8() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f8(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f9(
func.func private @f8() {
  func.call @f9() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f9(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f10(
func.func private @f9() {
  func.call @f10() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f10(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f11(
func.func private @f10() {
  func.call @f11() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f11(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f12(
func.func private @f11() {
  func.call @f12() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f12(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f13(
func.func private @f12() {
  func.call @f13() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f13(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f14(
func.func private @f13() {
  func.call @f14() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f14(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f15(
func.func private @f14() {
  func.call @f15() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f15(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f16(
func.func private @f15() {
  func.call @f16() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f16(
// CHECK-NOT: sym_rt_check_stack
// CHECK: call @f17(
func.func private @f16() {
  func.call @f17() : () -> ()
  return
}
// CHECK-LABEL: func.func private @f17(
// CHECK-NOT: sym_rt_check_stack
// CHECK: return
func.func private @f17() {
  return
}
// CHECK: sym.text{{.*}}the call of 'f1' is nested too deeply for the stack of the thread
