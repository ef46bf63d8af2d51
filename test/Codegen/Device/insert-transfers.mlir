// RUN: sym-opt %s --pass-pipeline='builtin.module(func.func(sym-insert-transfers))' | FileCheck %s

// Kernels know no complex numbers: the host computes on copies.
module attributes {sym.placed} {
// CHECK-LABEL: func.func @complex(
// CHECK-SAME: %[[Z:.*]]: memref<4xcomplex<f32>, #sym.space<cuda>>)
// CHECK: %[[H:.*]] = memref.alloc() : memref<4xcomplex<f32>>
// CHECK-NEXT: memref.copy %[[Z]], %[[H]]
// CHECK-NEXT: linalg.generic {{.*}} outs(%[[H]] : memref<4xcomplex<f32>>)
// CHECK: memref.copy %[[H]], %[[Z]]
// CHECK-NEXT: memref.dealloc %[[H]]
func.func @complex(%z: memref<4xcomplex<f32>, #sym.space<cuda>>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%z : memref<4xcomplex<f32>, #sym.space<cuda>>) {
  ^bb0(%a: complex<f32>):
    %m = complex.mul %a, %a : complex<f32>
    linalg.yield %m : complex<f32>
  }
  return
}

// Strided memory is copied element by element.
// CHECK-LABEL: func.func @strided(
// CHECK: scf.for
// CHECK: memref.load {{.*}} strided<[2]>, #sym.space<cuda>>
// CHECK: memref.store {{.*}} memref<4xcomplex<f32>>
// CHECK: linalg.generic
// CHECK: scf.for
// CHECK: memref.store {{.*}} strided<[2]>, #sym.space<cuda>>
func.func @strided(%z: memref<4xcomplex<f32>, strided<[2]>, #sym.space<cuda>>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%z : memref<4xcomplex<f32>, strided<[2]>, #sym.space<cuda>>) {
  ^bb0(%a: complex<f32>):
    %m = complex.mul %a, %a : complex<f32>
    linalg.yield %m : complex<f32>
  }
  return
}

// What kernels compute, and what is the host's, stays as it is.
// CHECK-LABEL: func.func @others(
// CHECK-NOT: memref.alloc
// CHECK: return
func.func @others(%x: memref<4xf32, #sym.space<cuda>>, %h: memref<complex<f32>>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%x : memref<4xf32, #sym.space<cuda>>) {
  ^bb0(%a: f32):
    linalg.yield %a : f32
  }
  linalg.generic {indexing_maps = [affine_map<() -> ()>], iterator_types = []} outs(%h : memref<complex<f32>>) {
  ^bb0(%a: complex<f32>):
    linalg.yield %a : complex<f32>
  }
  return
}
}
