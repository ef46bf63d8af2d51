// Large matrix products become library calls on fixed tiles, small ones vector
// code; sizes known at run time are compared there.

// RUN: sym-opt %s --sym-lower-contractions=cpu=x86-64-v3 --canonicalize --cse | FileCheck %s
// RUN: sym-opt %s --sym-lower-contractions="cpu=x86-64-v3 blas=false" --canonicalize --cse | FileCheck %s --check-prefix=NOBLAS
// RUN: sym-opt %s --sym-lower-contractions="cpu=x86-64-v3 parallel=false" --canonicalize --cse | FileCheck %s --check-prefix=SERIAL
// RUN: sym-opt %s --sym-lower-contractions="cpu=x86-64-v3 work=1" --canonicalize --cse | FileCheck %s --check-prefix=FINE
// RUN: sym-opt %s --sym-lower-contractions=cpu=x86-64 --canonicalize --cse | FileCheck %s --check-prefix=SSE

// NOBLAS-NOT: cblas
// SERIAL-NOT: scf.parallel

// The fill goes into the product; tiles run in parallel.
// FINE-LABEL: func.func @large
// FINE: scf.parallel (%{{.*}}, %{{.*}}) = (%c0, %c0) to (%c64, %c64)
// CHECK-LABEL: func.func @large
// CHECK-NOT: linalg.fill
// CHECK: scf.parallel (%{{.*}}) = (%c0) to (%c4)
// CHECK: llvm.call @cblas_sgemm
func.func @large(%a: memref<1024x1024xf32>, %b: memref<1024x1024xf32>, %c: memref<1024x1024xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<1024x1024xf32>)
  linalg.matmul ins(%a, %b : memref<1024x1024xf32>, memref<1024x1024xf32>) outs(%c : memref<1024x1024xf32>)
  return
}

// CHECK-LABEL: func.func @small
// CHECK: vector.load %{{.*}} : memref<8x8xf32>, vector<8xf32>
// CHECK: math.fma %{{.*}} : vector<8xf32>
// CHECK-NOT: cblas
// SSE-LABEL: func.func @small
// SSE-NOT: math.fma
// SSE: arith.mulf %{{.*}} : vector<4xf32>
func.func @small(%a: memref<8x8xf32>, %b: memref<8x8xf32>, %c: memref<8x8xf32>) {
  linalg.matmul ins(%a, %b : memref<8x8xf32>, memref<8x8xf32>) outs(%c : memref<8x8xf32>)
  return
}

// Batches, or blocks of columns, run in parallel where there is enough to do.
// CHECK-LABEL: func.func @batches
// CHECK: scf.parallel (%{{.*}}) = (%c0) to (%c64)
// CHECK-NOT: cblas
// CHECK: return
func.func @batches(%a: memref<64x64x64xf32>, %b: memref<64x64x64xf32>, %c: memref<64x64x64xf32>) {
  linalg.batch_matmul ins(%a, %b : memref<64x64x64xf32>, memref<64x64x64xf32>) outs(%c : memref<64x64x64xf32>)
  return
}

// CHECK-LABEL: func.func @skinny
// CHECK: scf.parallel (%{{.*}}) = (%c0) to (%c11)
// CHECK-NOT: cblas
// CHECK: return
func.func @skinny(%a: memref<20x784xf32>, %b: memref<784x500xf32>, %c: memref<20x500xf32>) {
  linalg.matmul ins(%a, %b : memref<20x784xf32>, memref<784x500xf32>) outs(%c : memref<20x500xf32>)
  return
}

// A thin product whose B is large is the library's.
// CHECK-LABEL: func.func @thin
// CHECK-NOT: math.fma
// CHECK: llvm.call @cblas_sgemm
func.func @thin(%a: memref<8x1024xf32>, %b: memref<1024x4096xf32>, %c: memref<8x4096xf32>) {
  linalg.matmul ins(%a, %b : memref<8x1024xf32>, memref<1024x4096xf32>) outs(%c : memref<8x4096xf32>)
  return
}

// CHECK-LABEL: func.func @few
// CHECK-NOT: scf.parallel
// CHECK: return
func.func @few(%a: memref<2x8x8xf32>, %b: memref<2x8x8xf32>, %c: memref<2x8x8xf32>) {
  linalg.batch_matmul ins(%a, %b : memref<2x8x8xf32>, memref<2x8x8xf32>) outs(%c : memref<2x8x8xf32>)
  return
}

// CHECK-LABEL: func.func @dynamic
// CHECK: scf.if
// CHECK: llvm.call @cblas_dgemm
// CHECK: else
// CHECK: math.fma %{{.*}} : vector<4xf64>
// CHECK: vector.create_mask
func.func @dynamic(%a: memref<?x?xf64>, %b: memref<?x?xf64>, %c: memref<?x?xf64>) {
  linalg.matmul ins(%a, %b : memref<?x?xf64>, memref<?x?xf64>) outs(%c : memref<?x?xf64>)
  return
}

// Without vector code for the form, the operation stays for small sizes.
// CHECK-LABEL: func.func @transposed
// CHECK: scf.if
// CHECK: llvm.call @cblas_sgemm(%{{.*}}101{{.*}}, %{{.*}}111{{.*}}, %{{.*}}112{{.*}},
// CHECK: else
// CHECK: linalg.fill
// CHECK: linalg.matmul
func.func @transposed(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%c : memref<?x?xf32>)
  linalg.matmul
      indexing_maps = [affine_map<(m, n, k) -> (m, k)>, affine_map<(m, n, k) -> (n, k)>, affine_map<(m, n, k) -> (m, n)>]
      ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}

// CHECK-LABEL: func.func @vector
// CHECK: llvm.call @cblas_sgemv
// CHECK: else
// CHECK: math.fma
func.func @vector(%x: memref<?xf32>, %b: memref<?x?xf32>, %y: memref<?xf32>) {
  linalg.vecmat ins(%x, %b : memref<?xf32>, memref<?x?xf32>) outs(%y : memref<?xf32>)
  return
}

// Rows of a view may overlap; the library is told of none such.
// CHECK-LABEL: func.func @overlapping_rows
// CHECK: scf.if
// CHECK: llvm.call @cblas_sgemm
// CHECK: else
// CHECK: math.fma
func.func @overlapping_rows(%a: memref<512x512xf32, strided<[?, 1]>>, %b: memref<512x512xf32>, %c: memref<512x512xf32>) {
  linalg.matmul ins(%a, %b : memref<512x512xf32, strided<[?, 1]>>, memref<512x512xf32>) outs(%c : memref<512x512xf32>)
  return
}

// Integers, and rows times a vector (a reduction along rows), are left.
// CHECK-LABEL: func.func @left
// CHECK: linalg.matmul
// CHECK: linalg.matvec
func.func @left(%a: memref<?x?xi32>, %c: memref<?x?xi32>, %m: memref<?x?xf32>, %x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.matmul ins(%a, %a : memref<?x?xi32>, memref<?x?xi32>) outs(%c : memref<?x?xi32>)
  linalg.matvec ins(%m, %x : memref<?x?xf32>, memref<?xf32>) outs(%y : memref<?xf32>)
  return
}

// Upstream accepts a sum that has a place in the result; it is no product.
// CHECK-LABEL: func.func @misplaced_sum
// CHECK: linalg.matmul
// CHECK-NOT: cblas
func.func @misplaced_sum(%a: memref<?x?xf32>, %b: memref<?x?xf32>, %c: memref<?x?xf32>) {
  linalg.matmul indexing_maps = [affine_map<(d0, d1, d2) -> (d0, d2)>, affine_map<(d0, d1, d2) -> (d2, d1)>, affine_map<(d0, d1, d2) -> (d2, d1)>]
      ins(%a, %b : memref<?x?xf32>, memref<?x?xf32>) outs(%c : memref<?x?xf32>)
  return
}
