// Mathematical functions and float reductions become vector loops with fixed
// lanes (T9); other operations are left to LLVM.

// RUN: sym-opt %s --sym-vectorize=cpu=x86-64-v3 --cse | FileCheck %s
// RUN: sym-opt %s --sym-vectorize=cpu=x86-64 --cse | FileCheck %s --check-prefix=SSE

#id = affine_map<(i) -> (i)>
#scalar = affine_map<(i) -> ()>
#id2 = affine_map<(i, j) -> (i, j)>
#rows = affine_map<(i, j) -> (i)>
#columns = affine_map<(i, j) -> (j)>
#transposed = affine_map<(i, j) -> (j, i)>

// The main loop, then a masked register with the same function.
// CHECK-LABEL: func.func @elementwise
// CHECK: scf.for
// CHECK: vector.load %arg0[%{{.*}}] : memref<?xf32>, vector<8xf32>
// CHECK: math.exp %{{.*}} : vector<8xf32>
// CHECK: vector.store
// CHECK: scf.if
// CHECK: vector.create_mask %{{.*}} : vector<8xi1>
// CHECK: vector.maskedload
// CHECK: math.exp %{{.*}} : vector<8xf32>
// CHECK: vector.maskedstore
// SSE-LABEL: func.func @elementwise
// SSE: math.exp %{{.*}} : vector<4xf32>
func.func @elementwise(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  }
  return
}

// A sum: 32 lanes, halved to 8, then the tree; the same for every CPU.
// CHECK-LABEL: func.func @sum
// CHECK: scf.for {{.*}} iter_args(%[[ACC:.*]] = %{{.*}}) -> (vector<32xf32>)
// CHECK: %[[A:.*]] = vector.load %arg0[%{{.*}}] : memref<64xf32>, vector<32xf32>
// CHECK: arith.addf %[[ACC]], %[[A]] : vector<32xf32>
// CHECK: arith.addf %{{.*}} : vector<16xf32>
// CHECK: arith.addf %{{.*}} : vector<8xf32>
// CHECK: arith.addf %{{.*}} : vector<4xf32>
// CHECK: arith.addf %{{.*}} : vector<2xf32>
// CHECK: arith.addf %{{.*}} : vector<1xf32>
// CHECK: %[[OLD:.*]] = memref.load %arg1[]
// CHECK: arith.addf %[[OLD]], %{{.*}} : f32
// SSE-LABEL: func.func @sum
// SSE: iter_args(%{{.*}} = %{{.*}}) -> (vector<32xf32>)
func.func @sum(%x: memref<64xf32>, %s: memref<f32>) {
  linalg.generic {indexing_maps = [#id, #scalar], iterator_types = ["reduction"]}
      ins(%x : memref<64xf32>) outs(%s : memref<f32>) {
  ^bb0(%a: f32, %acc: f32):
    %n = arith.addf %acc, %a : f32
    linalg.yield %n : f32
  }
  return
}

// Along columns LLVM vectorises the parallel loop: no lanes needed.
// CHECK-LABEL: func.func @column_sums
// CHECK: linalg.generic
func.func @column_sums(%x: memref<?x?xf32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id2, #columns], iterator_types = ["reduction", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%s : memref<?xf32>) {
  ^bb0(%a: f32, %acc: f32):
    %n = arith.addf %acc, %a : f32
    linalg.yield %n : f32
  }
  return
}

// A reduction and an elementwise result of one operation.
// CHECK-LABEL: func.func @softmax_numerator
// CHECK: memref.load %arg1
// CHECK: scf.for
// CHECK: math.exp %{{.*}} : vector<32xf32>
// CHECK: vector.store {{.*}} vector<32xf32>
func.func @softmax_numerator(%x: memref<?x?xf32>, %max: memref<?xf32>,
                             %e: memref<?x?xf32>, %s: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id2, #rows, #id2, #rows],
                  iterator_types = ["parallel", "reduction"]}
      ins(%x, %max : memref<?x?xf32>, memref<?xf32>)
      outs(%e, %s : memref<?x?xf32>, memref<?xf32>) {
  ^bb0(%a: f32, %m: f32, %old: f32, %acc: f32):
    %d = arith.subf %a, %m : f32
    %p = math.exp %d : f32
    %n = arith.addf %acc, %p : f32
    linalg.yield %p, %n : f32, f32
  }
  return
}

// An operand that strides is read lane by lane.
// CHECK-LABEL: func.func @transposed
// CHECK-COUNT-8: memref.load %arg0
// CHECK: vector.from_elements
func.func @transposed(%x: memref<?x?xf32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [#transposed, #id2],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<?x?xf32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = math.exp %a : f32
    linalg.yield %e : f32
  }
  return
}

// Plain arithmetic, sums of integers, and bodies that could trap in an empty
// lane are left.
// CHECK-LABEL: func.func @left
// CHECK: linalg.generic
// CHECK: linalg.generic
// CHECK: linalg.generic
func.func @left(%x: memref<?xf32>, %y: memref<?xf32>, %i: memref<?xi32>, %s: memref<i32>) {
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = arith.addf %a, %b : f32
    linalg.yield %e : f32
  }
  linalg.generic {indexing_maps = [#id, #scalar], iterator_types = ["reduction"]}
      ins(%i : memref<?xi32>) outs(%s : memref<i32>) {
  ^bb0(%a: i32, %b: i32):
    %e = arith.addi %a, %b : i32
    linalg.yield %e : i32
  }
  linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
      ins(%i : memref<?xi32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: i32, %b: f32):
    %q = arith.remsi %a, %a : i32
    %f = arith.sitofp %q : i32 to f32
    %e = math.exp %f : f32
    linalg.yield %e : f32
  }
  return
}

// Rows that share a vector are summed four at a time, in eight lanes each,
// and the rows that are left over one by one in the same lanes.
// CHECK-LABEL: func.func @shared
// CHECK: scf.for %{{.*}} step %c4 {
// CHECK: scf.for {{.*}} step %c8 iter_args({{.*}}) -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
// CHECK-COUNT-1: vector.load %arg1[
// CHECK-NOT: vector.load %arg1[
// CHECK: scf.for %{{.*}} step %c1 {
// CHECK: scf.for {{.*}} step %c8 iter_args({{.*}}) -> (vector<8xf32>)
func.func @shared(%a: memref<?x64xf32>, %x: memref<64xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [#id2, #columns, #rows], iterator_types = ["parallel", "reduction"]}
      ins(%a, %x : memref<?x64xf32>, memref<64xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%u: f32, %v: f32, %acc: f32):
    %p = arith.mulf %u, %v : f32
    %n = arith.addf %acc, %p : f32
    linalg.yield %n : f32
  }
  return
}
