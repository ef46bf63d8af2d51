// RUN: sym-opt %s --sym-lower-to-runtime --sym-convert-to-llvm --reconcile-unrealized-casts --canonicalize | FileCheck %s

// Memory of a device is reached through services alone.
memref.global "private" constant @c : memref<4xf32, #sym.space<cuda>> = dense<[1.0, 2.0, 3.0, 4.0]>
sym.shared @s in <cuda> : tensor<?xf32>
sym.entry @f : (tensor<f32>) -> tensor<i1> reads [@s] updates [] inplace @f.o [#sym.slot<fresh>] outofplace @f.o [#sym.slot<fresh>] {sym.device = #sym.space<cuda>}
// CHECK: llvm.mlir.global private constant @c({{.*}}) {addr_space = 0 : i32
// CHECK-LABEL: llvm.func @f.o.impl(
// CHECK-SAME: %[[FRAME:.*]]: !llvm.ptr, %[[X:.*]]: !llvm.ptr {{.*}}, %[[S:.*]]: !llvm.ptr {{.*}}, %[[N:.*]]: i64)
func.func private @f.o(%x: memref<f32>, %s: memref<?xf32, #sym.space<cuda>>) {
  %c0 = arith.constant 0 : index
  %c2 = arith.constant 2 : index
  %c64 = arith.constant 64 : index
  %n = memref.dim %s, %c0 : memref<?xf32, #sym.space<cuda>>
  // CHECK: %[[ARENA:.*]] = llvm.call @sym_rt_device_arena(%[[FRAME]], %{{.*}})
  %arena = sym.arena %c64 : memref<?xi8, #sym.space<cuda>>
  %t = memref.view %arena[%c0][] : memref<?xi8, #sym.space<cuda>> to memref<4xf32, #sym.space<cuda>>
  // CHECK: %[[A:.*]] = llvm.call @sym_rt_device_alloc(%[[FRAME]], %{{.*}})
  %a = memref.alloc(%n) : memref<?xf32, #sym.space<cuda>>
  // CHECK: llvm.call @sym_rt_device_constant(%[[FRAME]], %{{.*}}, %{{.*}})
  %g = memref.get_global @c : memref<4xf32, #sym.space<cuda>>
  // CHECK: %[[R:.*]] = llvm.call @sym_rt_result(%[[FRAME]]
  %r = sym.alloc_result 0 () : memref<i1, #sym.space<cuda>>
  // CHECK: llvm.call @sym_rt_copy_on_device(%[[FRAME]], %[[A]], %[[S]], %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> ()
  memref.copy %s, %a : memref<?xf32, #sym.space<cuda>> to memref<?xf32, #sym.space<cuda>>
  // CHECK: llvm.call @sym_rt_copy_on_device(%[[FRAME]], %[[ARENA]], %{{.*}}, %{{.*}})
  memref.copy %g, %t : memref<4xf32, #sym.space<cuda>> to memref<4xf32, #sym.space<cuda>>
  // CHECK: llvm.call @sym_rt_copy_to_device(%[[FRAME]], %{{.*}}, %[[X]], %{{.*}})
  %q = memref.alloc() : memref<f32, #sym.space<cuda>>
  memref.copy %x, %q : memref<f32> to memref<f32, #sym.space<cuda>>
  // An element is read by a wait, which may fail.
  // CHECK: %[[P:.*]] = llvm.getelementptr %[[A]][2]
  // CHECK: %[[OK:.*]] = llvm.call @sym_rt_copy_to_host(%[[FRAME]], %[[WORDS:.*]], %[[P]], %{{.*}}) : (!llvm.ptr, !llvm.ptr, !llvm.ptr, i64) -> i32
  // CHECK: llvm.icmp "eq" %[[OK]]
  // CHECK: llvm.load %[[WORDS]] : !llvm.ptr -> f32
  %v = memref.load %a[%c2] : memref<?xf32, #sym.space<cuda>>
  %z = arith.constant 0.0 : f32
  %b = arith.cmpf olt, %v, %z : f32
  // A boolean is a byte.
  // CHECK: %[[BYTE:.*]] = llvm.zext %{{.*}} : i1 to i8
  // CHECK: llvm.store %[[BYTE]], %[[WORDS]]
  // CHECK: llvm.call @sym_rt_copy_to_device(%[[FRAME]], %[[R]], %[[WORDS]], %{{.*}})
  memref.store %b, %r[] : memref<i1, #sym.space<cuda>>
  // CHECK: llvm.call @sym_rt_device_free(%[[FRAME]], %[[A]])
  memref.dealloc %a : memref<?xf32, #sym.space<cuda>>
  // CHECK: llvm.return
  return
}

// A call of a device function says for each value whether it is a handle.
// CHECK-LABEL: llvm.func @main(
// CHECK: %[[HANDLES:.*]] = llvm.mlir.addressof @sym.data
// CHECK: llvm.call @sym_rt_call_device(%{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %[[HANDLES]])
func.func @main(%x: memref<f32>) {
  %r = sym.call @f(%x) : (memref<f32>) -> memref<i1>
  return
}
