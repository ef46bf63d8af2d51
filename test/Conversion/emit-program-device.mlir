// RUN: sym-opt %s --sym-emit-program=name=p | mlir-translate --mlir-to-llvmir | FileCheck %s

// A device function names its device, plus one, and where its values are:
// scalars that it does not write are on the host.
module {
sym.shared @s in <cuda, 1> : tensor<4xf32>
sym.entry @f : (tensor<f32>, tensor<4xf32>) -> tensor<f32> reads [@s] updates [] inplace @f.o [#sym.slot<fresh>] outofplace @f.o [#sym.slot<fresh>] {sym.device = #sym.space<cuda, 1>}
llvm.func @f.o(%frame: !llvm.ptr) -> i32 {
  %0 = llvm.mlir.constant(0 : i32) : i32
  llvm.return %0 : i32
}
}
// The arguments, then the result.
// CHECK: @sym.values = {{.*}}i32 20, i32 0, ptr null, i32 0, i32 0 }, {{.*}}i32 20, i32 1, ptr @{{.*}}, i32 0, i32 1 }
// CHECK: @sym.values_{{.*}}i32 20, i32 0, ptr null, i32 0, i32 1 }
// CHECK: @sym.functions = {{.*}} i32 2, i32 1, i32 1, i32 1, i32 0, i32 2, ptr @sym.values,
