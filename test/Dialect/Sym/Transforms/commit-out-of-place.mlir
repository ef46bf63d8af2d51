// RUN: sym-opt %s --sym-commit-out-of-place --split-input-file | FileCheck %s

// T4: what may be read from the device behind a write is read in the variant
// that writes no source.
sym.shared @s in <cuda> : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>] outofplace @f.o
sym.entry @f : () -> tensor<f32> reads [@s] updates [@s] inplace @f.i [#sym.slot<fresh>, #sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>, #sym.slot<fresh>]
func.func private @f.o(%s: memref<4xf32, #sym.space<cuda>>) {
  %r = sym.alloc_result 0 () : memref<f32, #sym.space<cuda>>
  %t = sym.alloc_result 1 () : memref<4xf32, #sym.space<cuda>>
  return
}
// CHECK-NOT: @f.i
func.func private @f.i(%s: memref<4xf32, #sym.space<cuda>>) {
  %r = sym.alloc_result 0 () : memref<f32, #sym.space<cuda>>
  %c0 = arith.constant 0 : index
  %z = arith.constant 0.0 : f32
  linalg.fill ins(%z : f32) outs(%s : memref<4xf32, #sym.space<cuda>>)
  %v = memref.load %s[%c0] : memref<4xf32, #sym.space<cuda>>
  memref.store %v, %r[] : memref<f32, #sym.space<cuda>>
  return
}

// -----

// A read before the write stays, and so does what a kernel reads.
sym.shared @s in <cuda> : tensor<4xf32>
// CHECK: sym.entry @f {{.*}} inplace @f.i [#sym.slot<inplace>] outofplace @f.o
sym.entry @f : () -> () reads [@s] updates [@s] inplace @f.i [#sym.slot<inplace>] outofplace @f.o [#sym.slot<fresh>]
func.func private @f.o(%s: memref<4xf32, #sym.space<cuda>>) {
  %t = sym.alloc_result 0 () : memref<4xf32, #sym.space<cuda>>
  return
}
func.func private @f.i(%s: memref<4xf32, #sym.space<cuda>>) {
  %c0 = arith.constant 0 : index
  %v = memref.load %s[%c0] : memref<4xf32, #sym.space<cuda>>
  linalg.fill ins(%v : f32) outs(%s : memref<4xf32, #sym.space<cuda>>)
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>], iterator_types = ["parallel"]} outs(%s : memref<4xf32, #sym.space<cuda>>) {
  ^bb0(%b: f32):
    %w = memref.load %s[%c0] : memref<4xf32, #sym.space<cuda>>
    linalg.yield %w : f32
  }
  return
}
