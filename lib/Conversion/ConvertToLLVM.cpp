//===- ConvertToLLVM.cpp - The rest to the LLVM dialect -------------------===//

#include "FunctionLowering.h"

#include "sym/Conversion/Passes.h"

#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ComplexToLLVM/ComplexToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/OpenMPToLLVM/ConvertOpenMPToLLVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/OpenMP/OpenMPDialect.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace mlir::sym {
#define GEN_PASS_DEF_SYMCONVERTTOLLVM
#include "sym/Conversion/Passes.h.inc"
} // namespace mlir::sym

using namespace mlir;
using namespace mlir::sym;

namespace {
/// The larger or the smaller of two f80 or f128, which LLVM has no instructions
/// for and does not expand either. NaN if one is; -0 is below +0.
template <typename OpTy, bool isMax>
struct ExpandWideExtremum : OpRewritePattern<OpTy> {
  using OpRewritePattern<OpTy>::OpRewritePattern;
  LogicalResult matchAndRewrite(OpTy op,
                                PatternRewriter &rewriter) const override {
    if (!isa<Float80Type, Float128Type>(getElementTypeOrSelf(op.getType())))
      return failure();
    ImplicitLocOpBuilder b(op.getLoc(), rewriter);
    Value x = op.getLhs(), y = op.getRhs();
    auto compare = [&](arith::CmpFPredicate predicate) -> Value {
      return arith::CmpFOp::create(b, predicate, x, y);
    };
    // Of two zeros the sum has the sign of the larger; NaN with anything is
    // NaN.
    Value sum =
        isMax ? arith::AddFOp::create(b, x, y).getResult()
              : arith::NegFOp::create(
                    b, arith::AddFOp::create(b, arith::NegFOp::create(b, x),
                                             arith::NegFOp::create(b, y)))
                    .getResult();
    Value result =
        arith::SelectOp::create(b, compare(arith::CmpFPredicate::OEQ),
                                math::CopySignOp::create(b, x, sum), sum);
    result = arith::SelectOp::create(
        b,
        compare(isMax ? arith::CmpFPredicate::OLT : arith::CmpFPredicate::OGT),
        y, result);
    result = arith::SelectOp::create(
        b,
        compare(isMax ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT),
        x, result);
    rewriter.replaceOp(op, result);
    return success();
  }
};
} // namespace

/// Rewrites what has no counterpart in LLVM by what has: n-dimensional and
/// masked vectors, rounding division, extrema of wide floats, bf16 conversions
/// (which LLVM would call a function of the compiler's for, that not every
/// system has).
static LogicalResult simplify(ModuleOp module) {
  RewritePatternSet patterns(module.getContext());
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  arith::populateExpandBFloat16Patterns(patterns);
  patterns.add<ExpandWideExtremum<arith::MaximumFOp, true>,
               ExpandWideExtremum<arith::MinimumFOp, false>>(
      module.getContext());
  vector::populateVectorToVectorCanonicalizationPatterns(patterns);
  vector::populateVectorBitCastLoweringPatterns(patterns);
  vector::populateVectorBroadcastLoweringPatterns(patterns);
  vector::populateVectorContractLoweringPatterns(
      patterns, vector::VectorContractLowering::OuterProduct);
  vector::populateVectorOuterProductLoweringPatterns(patterns);
  vector::populateVectorMaskOpLoweringPatterns(patterns);
  vector::populateVectorShapeCastLoweringPatterns(patterns);
  vector::populateVectorInterleaveLoweringPatterns(patterns);
  vector::populateVectorTransposeLoweringPatterns(
      patterns, vector::VectorTransposeLowering::Shuffle1D);
  vector::populateVectorTransferLoweringPatterns(patterns,
                                                 /*maxTransferRank=*/1);
  vector::populateVectorMaskMaterializationPatterns(
      patterns, /*force32BitVectorIndices=*/false);
  vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
  vector::populateVectorStepLoweringPatterns(patterns);
  vector::populateVectorRankReducingFMAPattern(patterns);
  vector::populateVectorGatherLoweringPatterns(patterns);
  vector::populateVectorFromElementsUnrollPatterns(patterns);
  vector::populateVectorToElementsUnrollPatterns(patterns);
  return applyPatternsGreedily(module, std::move(patterns));
}

/// bf16 is stored and passed as the integer that holds its bits: behind
/// `simplify` nothing computes with it, and LLVM selects and packs vectors of
/// it by calls of conversions.
static void convertBFloats(LLVMTypeConverter &converter) {
  converter.addConversion([](BFloat16Type type) -> Type {
    return IntegerType::get(type.getContext(), 16);
  });
  converter.addConversion([&](VectorType type) -> std::optional<Type> {
    if (!type.getElementType().isBF16())
      return std::nullopt;
    return converter.convertType(
        type.clone(IntegerType::get(type.getContext(), 16)));
  });
  auto bitcast = [](OpBuilder &b, Type type, ValueRange inputs,
                    Location loc) -> Value {
    auto element = getElementTypeOrSelf(type);
    auto from = getElementTypeOrSelf(inputs.front().getType());
    if (!(element.isBF16() && from.isInteger(16)) &&
        !(element.isInteger(16) && from.isBF16()))
      return nullptr;
    return LLVM::BitcastOp::create(b, loc, type, inputs);
  };
  converter.addSourceMaterialization(bitcast);
  converter.addTargetMaterialization(bitcast);
}

/// Constants of bf16 that have become integers; null for others.
static Attribute getBits(Attribute value) {
  if (auto number = dyn_cast_or_null<FloatAttr>(value))
    if (number.getType().isBF16())
      return IntegerAttr::get(IntegerType::get(value.getContext(), 16),
                              number.getValue().bitcastToAPInt());
  if (auto elements = dyn_cast_or_null<DenseElementsAttr>(value))
    if (elements.getElementType().isBF16())
      return elements.bitcast(IntegerType::get(value.getContext(), 16));
  return {};
}

namespace {
struct ConvertToLLVMPass
    : public mlir::sym::impl::SymConvertToLLVMBase<ConvertToLLVMPass> {
  void getDependentDialects(DialectRegistry &registry) const override {
    registry
        .insert<LLVM::LLVMDialect, omp::OpenMPDialect, vector::VectorDialect,
                arith::ArithDialect, math::MathDialect>();
  }

  void runOnOperation() override {
    ModuleOp module = getOperation();
    MLIRContext *context = &getContext();
    LowerToLLVMOptions options(context);
    if (failed(simplify(module)))
      return signalPassFailure();
    LLVMTypeConverter converter(context, options);
    convertSpaces(converter);
    converter.addConversion([&](BorrowType type) -> Type {
      return getBorrowStruct(converter, type);
    });
    convertBFloats(converter);

    RewritePatternSet patterns(context);
    SymbolTableCollection symbolTables;
    populateFuncToLLVMConversionPatterns(converter, patterns, &symbolTables);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns,
                                         /*approximateLog1p=*/false);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns,
                                                   &symbolTables);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    populateComplexToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    populateOpenMPToLLVMConversionPatterns(converter, patterns);

    LLVMConversionTarget target(*context);
    // The table is for sym-emit-program.
    target.addLegalOp<ModuleOp, UnrealizedConversionCastOp, EntryOp, SharedOp,
                      gpu::BinaryOp>();
    configureOpenMPToLLVMConversionLegality(target, converter);
    if (failed(applyFullConversion(module, target, std::move(patterns))))
      return signalPassFailure();

    module.walk([](Operation *op) {
      if (auto constant = dyn_cast<LLVM::ConstantOp>(op)) {
        Attribute bits = getBits(constant.getValue());
        if (bits && !getElementTypeOrSelf(constant.getType()).isBF16())
          constant.setValueAttr(bits);
      } else if (auto global = dyn_cast<LLVM::GlobalOp>(op)) {
        if (Attribute bits = getBits(global.getValueAttr()))
          global.setValueAttr(bits);
      }
    });
    for (auto function : module.getOps<LLVM::LLVMFuncOp>())
      function.setNoUnwind(true);
  }
};
} // namespace
