// RUN: sym-opt %s --sym-elementwise-kernels --sym-reduction-kernels | FileCheck %s

// In a program whose buffers are placed, kernels take what is on the device;
// inside, memory has no space.
module attributes {sym.placed} {
// CHECK: gpu.func @f(%{{.*}}: f32, %{{.*}}: memref<f32>, %{{.*}}: index)
// CHECK-LABEL: func.func @f(
// CHECK: memref.memory_space_cast %{{.*}} : memref<f32, #sym.space<cuda>> to memref<f32>
// CHECK: gpu.launch_func
// CHECK: linalg.generic {{.*}} outs(%{{.*}} : memref<f32>)
func.func @f(%x: memref<?xf32, #sym.space<cuda>>, %v: f32, %h: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> ()>, affine_map<(i) -> (i)>], iterator_types = ["parallel"]} ins(%v : f32) outs(%x : memref<?xf32, #sym.space<cuda>>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.mulf %a, %b : f32
    linalg.yield %m : f32
  }
  linalg.generic {indexing_maps = [affine_map<() -> ()>, affine_map<() -> ()>], iterator_types = []} ins(%v : f32) outs(%h : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// What a reduction of everything keeps between two kernels is there, too.
// CHECK-LABEL: func.func @sum(
// CHECK: memref.alloc() : memref<1024xf32, #sym.space<cuda>>
func.func @sum(%x: memref<?xf32, #sym.space<cuda>>, %s: memref<f32, #sym.space<cuda>>) {
  linalg.generic {indexing_maps = [affine_map<(i) -> (i)>, affine_map<(i) -> ()>], iterator_types = ["reduction"]} ins(%x : memref<?xf32, #sym.space<cuda>>) outs(%s : memref<f32, #sym.space<cuda>>) {
  ^bb0(%a: f32, %b: f32):
    %m = arith.addf %a, %b : f32
    linalg.yield %m : f32
  }
  return
}
}
