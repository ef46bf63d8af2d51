// RUN: sym-opt %s --sym-place-buffers --split-input-file | FileCheck %s

// The example of the description: a scalar of the host reaches the operation by
// value.
// CHECK: sym.shared  @s in <cuda> : tensor<?xf32>
sym.shared @s : tensor<?xf32>
// CHECK: sym.entry @f {{.*}} {sym.device = #sym.space<cuda>}
sym.entry @f : (tensor<f32>) -> () reads [@s] updates [@s] inplace @f.i [#sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>]
func.func private @f.o(%lr: memref<f32>, %s: memref<?xf32>) {
  %c0 = arith.constant 0 : index
  %n = memref.dim %s, %c0 : memref<?xf32>
  %r = sym.alloc_result 0 (%n) : memref<?xf32>
  return
}
// CHECK: func.func private @f.i(%[[LR:.*]]: memref<f32>, %[[S:.*]]: memref<?xf32, #sym.space<cuda>>)
// CHECK: %[[V:.*]] = memref.load %[[LR]][] : memref<f32>
// CHECK: linalg.generic {{.*}} ins(%[[V]] : f32) outs(%[[S]] : memref<?xf32, #sym.space<cuda>>)
func.func private @f.i(%lr: memref<f32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%lr : memref<f32>) outs(%s : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  }
  return
}

// -----

// Temporaries follow what is computed in them: a scalar of scalars stays on the
// host, a scalar of an array does not; the arena and constants are on the
// device, and so are views and what a loop carries.
sym.shared @s in <cuda, 1> : tensor<4xf32>
memref.global "private" constant @c : memref<4xf32> = dense<[1.0, 2.0, 3.0, 4.0]>
// CHECK-DAG: memref.global "private" constant @c.cuda1 : memref<4xf32, #sym.space<cuda, 1>>
sym.entry @f : (tensor<f32>) -> (tensor<f32>) reads [@s] updates [] inplace @f.o [#sym.slot<fresh>] outofplace @f.o [#sym.slot<fresh>]
// CHECK: func.func private @f.o
func.func private @f.o(%x: memref<f32>, %s: memref<4xf32>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c64 = arith.constant 64 : index
  // CHECK: memref.get_global @c.cuda1 : memref<4xf32, #sym.space<cuda, 1>>
  // CHECK: sym.arena %{{.*}} : memref<?xi8, #sym.space<cuda, 1>>
  %arena = sym.arena %c64 : memref<?xi8>
  // CHECK: memref.view {{.*}} to memref<4xf32, #sym.space<cuda, 1>>
  %t = memref.view %arena[%c0][] : memref<?xi8> to memref<4xf32>
  // CHECK: memref.alloca() : memref<f32>
  %host = memref.alloca() : memref<f32>
  // CHECK: memref.alloc() : memref<f32, #sym.space<cuda, 1>>
  %sum = memref.alloca() : memref<f32>
  %g = memref.get_global @c : memref<4xf32>
  // The host reads its own.
  // CHECK: memref.get_global @c : memref<4xf32>
  %e = memref.load %g[%c1] : memref<4xf32>
  memref.store %e, %host[] : memref<f32>
  // CHECK: sym.alloc_result 0() : memref<f32, #sym.space<cuda, 1>>
  %r = sym.alloc_result 0 () : memref<f32>
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%g : memref<4xf32>) outs(%t : memref<4xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  // CHECK: scf.for {{.*}} -> (memref<4xf32, #sym.space<cuda, 1>>, memref<4xf32, #sym.space<cuda, 1>>)
  %u:2 = scf.for %i = %c0 to %c4 step %c1 iter_args(%p = %t, %q = %s) -> (memref<4xf32>, memref<4xf32>) {
    scf.yield %q, %p : memref<4xf32>, memref<4xf32>
  }
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]} ins(%u#0 : memref<4xf32>) outs(%sum : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %a, %b : f32
    linalg.yield %m : f32
  }
  memref.copy %sum, %r : memref<f32> to memref<f32>
  return
}

// -----

// Scalars alone are no work for a device.
// CHECK: sym.entry @f : {{.*}} [#sym.slot<fresh>]{{$}}
sym.entry @f : (tensor<f32>) -> (tensor<f32>) reads [] updates [] inplace @f.o [#sym.slot<fresh>] outofplace @f.o [#sym.slot<fresh>]
// CHECK: func.func private @f.o(%{{.*}}: memref<f32>)
func.func private @f.o(%x: memref<f32>) {
  %r = sym.alloc_result 0 () : memref<f32>
  memref.copy %x, %r : memref<f32> to memref<f32>
  return
}

// -----

// A variable on the host that a device function reads and updates is copied,
// and no longer updated in place.
sym.shared @h in <host> : tensor<4xf32>
sym.shared @d : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>] outofplace @f.o
sym.entry @f : () -> () reads [@h, @d] updates [@h, @d] inplace @f.i [#sym.slot<inplace>, #sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>]
// CHECK: func.func private @f.o(%[[H:.*]]: memref<4xf32>, %[[D:.*]]: memref<4xf32, #sym.space<cuda>>)
func.func private @f.o(%h: memref<4xf32>, %d: memref<4xf32>) {
  // CHECK: %[[IN:.*]] = memref.alloc() : memref<4xf32, #sym.space<cuda>>
  // CHECK: memref.copy %[[H]], %[[IN]]
  // CHECK: %[[R:.*]] = sym.alloc_result 0() : memref<4xf32>
  // CHECK: %[[OUT:.*]] = memref.alloc() : memref<4xf32, #sym.space<cuda>>
  %r = sym.alloc_result 0 () : memref<4xf32>
  // CHECK: sym.alloc_result 1() : memref<4xf32, #sym.space<cuda>>
  %q = sym.alloc_result 1 () : memref<4xf32>
  // CHECK: memref.copy %[[D]], %[[OUT]]
  memref.copy %d, %r : memref<4xf32> to memref<4xf32>
  // CHECK: memref.copy %[[IN]]
  memref.copy %h, %q : memref<4xf32> to memref<4xf32>
  // CHECK: memref.copy %[[OUT]], %[[R]]
  // CHECK-NEXT: return
  return
}
// CHECK-NOT: @f.i
func.func private @f.i(%h: memref<4xf32>, %d: memref<4xf32>) {
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%h : memref<4xf32>)
  linalg.fill ins(%z : f32) outs(%d : memref<4xf32>)
  return
}

// -----

// Variables that exchange buffers across memory spaces are copied (C1).
sym.shared @h in <host> : tensor<4xf32>
sym.shared @d : tensor<4xf32>
// CHECK: sym.entry @swap {{.*}} inplace @swap.o [#sym.slot<fresh>, #sym.slot<fresh>]
sym.entry @swap : () -> () reads [@h, @d] updates [@h, @d] inplace @swap.o [#sym.slot<moved, 1>, #sym.slot<moved, 0>] outofplace @swap.o [#sym.slot<moved, 1>, #sym.slot<moved, 0>]
// CHECK: func.func private @swap.o
// CHECK-DAG: sym.alloc_result 0() : memref<4xf32>
// CHECK-DAG: sym.alloc_result 1() : memref<4xf32, #sym.space<cuda>>
func.func private @swap.o(%h: memref<4xf32>, %d: memref<4xf32>) {
  return
}
