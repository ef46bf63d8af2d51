// Large work is cut into pieces whose bounds depend on the sizes only (T9).

// RUN: sym-opt %s --sym-parallelize | FileCheck %s
// RUN: sym-opt %s --sym-parallelize=work=1 | FileCheck %s --check-prefix=FINE
// RUN: sym-opt %s --sym-parallelize=threads=false | FileCheck %s --check-prefix=SERIAL

#id = affine_map<(i) -> (i)>
#scalar = affine_map<(i) -> ()>

// CHECK-LABEL: func.func @dynamic
// CHECK: %[[LARGE:.*]] = arith.cmpi sge, %{{.*}}, %{{.*}} : index
// CHECK: scf.if %[[LARGE]]
// CHECK: scf.parallel
// CHECK: memref.subview %arg0
// CHECK: linalg.generic
// CHECK: else
// CHECK: linalg.generic {{.*}} ins(%arg0 : memref<?xf32>)
// SERIAL-LABEL: func.func @dynamic
// SERIAL-NOT: scf.
// SERIAL: return
func.func @dynamic(%a: memref<?xf32>, %b: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<?xf32>) outs(%b : memref<?xf32>) {
  ^bb0(%x: f32, %y: f32):
    %n = arith.negf %x : f32
    linalg.yield %n : f32
  }
  return
}

// Where any work is worth threads, pieces are as small as can be.
// FINE-LABEL: func.func @small
// FINE: scf.parallel (%{{.*}}) = (%{{.*}}) to (%[[END:.*]]) step
// FINE: memref.subview %arg0
// CHECK-LABEL: func.func @small
// CHECK-NOT: scf.
// CHECK: linalg.generic
func.func @small(%a: memref<1000xf32>, %b: memref<1000xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%a : memref<1000xf32>) outs(%b : memref<1000xf32>) {
  ^bb0(%x: f32, %y: f32):
    %n = arith.negf %x : f32
    linalg.yield %n : f32
  }
  return
}

// A sum is cut with threads and without.
// CHECK-LABEL: func.func @sum
// CHECK: memref.alloca() : memref<32xf32>
// CHECK: arith.constant -0.0
// CHECK: scf.parallel
// CHECK: linalg.generic
// CHECK: linalg.generic {{.*}} ins(%{{.*}} : memref<32xf32>) outs(%arg1 : memref<f32>)
// SERIAL-LABEL: func.func @sum
// SERIAL: memref.alloca() : memref<32xf32>
// SERIAL-NOT: scf.parallel
// SERIAL: linalg.generic {{.*}} ins(%{{.*}} : memref<32xf32>) outs(%arg1 : memref<f32>)
func.func @sum(%a: memref<1000000xf32>, %s: memref<f32>) {
  linalg.generic {indexing_maps = [#id, #scalar], iterator_types = ["reduction"]}
      ins(%a : memref<1000000xf32>) outs(%s : memref<f32>) {
  ^bb0(%x: f32, %acc: f32):
    %n = arith.addf %acc, %x : f32
    linalg.yield %n : f32
  }
  return
}

// The position counts from the start of the whole.
// CHECK-LABEL: func.func @index
// CHECK: scf.parallel
// CHECK: linalg.index 0
// CHECK-NEXT: {{affine.apply|arith.addi}}
func.func @index(%b: memref<1000000xi64>) {
  linalg.generic {indexing_maps = [#id], iterator_types = ["parallel"]}
      outs(%b : memref<1000000xi64>) {
  ^bb0(%y: i64):
    %i = linalg.index 0 : index
    %n = arith.index_cast %i : index to i64
    linalg.yield %n : i64
  }
  return
}
