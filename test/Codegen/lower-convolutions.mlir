// Large convolutions become contractions of laid-out windows.
// RUN: sym-opt %s --sym-lower-convolutions | FileCheck %s
// RUN: sym-opt %s --sym-stage-linalg | FileCheck %s --check-prefix=STAGE

// Channels first: columns around the rows, so a batch over the images.
// CHECK-DAG: #[[GATHER:.*]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4 * 2 + d2, d5 * 2 + d3)>
// CHECK-LABEL: func.func @channels_first
// CHECK: linalg.generic {indexing_maps = [#[[GATHER]]
// CHECK-SAME: outs({{.*}} : tensor<?x3x5x4x4x4xf32>)
// STAGE-LABEL: func.func @channels_first
// STAGE: linalg.batch_matmul {{.*}} ins({{.*}} : tensor<8x60xf32>, tensor<?x60x16xf32>)
func.func @channels_first(%x: tensor<?x3x12x11xf32>, %f: tensor<8x3x5x4xf32>, %y: tensor<?x8x4x4xf32>) -> tensor<?x8x4x4xf32> {
  %0 = linalg.conv_2d_nchw_fchw {strides = dense<2> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %f : tensor<?x3x12x11xf32>, tensor<8x3x5x4xf32>) outs(%y : tensor<?x8x4x4xf32>) -> tensor<?x8x4x4xf32>
  return %0 : tensor<?x8x4x4xf32>
}

// Channels last: one product.
// CHECK-LABEL: func.func @channels_last
// STAGE-LABEL: func.func @channels_last
// STAGE: linalg.matmul ins({{.*}} : tensor<?x60xf32>, tensor<60x8xf32>)
func.func @channels_last(%x: tensor<?x12x11x3xf32>, %f: tensor<5x4x3x8xf32>, %y: tensor<?x8x8x8xf32>) -> tensor<?x8x8x8xf32> {
  %0 = linalg.conv_2d_nhwc_hwcf
      ins(%x, %f : tensor<?x12x11x3xf32>, tensor<5x4x3x8xf32>) outs(%y : tensor<?x8x8x8xf32>) -> tensor<?x8x8x8xf32>
  return %0 : tensor<?x8x8x8xf32>
}

// Channels that are kept apart, and small windows, stay loops.
// CHECK-LABEL: func.func @loops
// CHECK: linalg.depthwise_conv_2d_nhwc_hwc
// CHECK: linalg.conv_1d
// CHECK: linalg.pooling_nhwc_max
// STAGE-LABEL: func.func @loops
// STAGE-NOT: matmul
// STAGE: return
func.func @loops(%x: tensor<1x12x11x3xf32>, %f: tensor<5x4x3xf32>, %y: tensor<1x8x8x3xf32>,
                 %a: tensor<9xf32>, %b: tensor<3xf32>, %c: tensor<7xf32>, %w: tensor<5x4xf32>)
    -> (tensor<1x8x8x3xf32>, tensor<7xf32>, tensor<1x8x8x3xf32>) {
  %0 = linalg.depthwise_conv_2d_nhwc_hwc
      ins(%x, %f : tensor<1x12x11x3xf32>, tensor<5x4x3xf32>) outs(%y : tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32>
  %1 = linalg.conv_1d ins(%a, %b : tensor<9xf32>, tensor<3xf32>) outs(%c : tensor<7xf32>) -> tensor<7xf32>
  %2 = linalg.pooling_nhwc_max {strides = dense<1> : tensor<2xi64>, dilations = dense<1> : tensor<2xi64>}
      ins(%x, %w : tensor<1x12x11x3xf32>, tensor<5x4xf32>) outs(%y : tensor<1x8x8x3xf32>) -> tensor<1x8x8x3xf32>
  return %0, %1, %2 : tensor<1x8x8x3xf32>, tensor<7xf32>, tensor<1x8x8x3xf32>
}
