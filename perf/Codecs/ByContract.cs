using System.Buffers;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;

namespace CloudScale.Perf.Codecs;

/// <summary>The calls of a program that has these contracts: of known types, as those by hand are. A generic call in their stead would be one body for all classes, which looks each contract up.</summary>
internal static class ByContract
{
    public static readonly ContractCalls<Vote> VoteCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Call> CallCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Integers> IntegersCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Floats> FloatsCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Settings> SettingsCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Order> OrderCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Blob> BlobCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Tree> TreeCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<Samples> SamplesCalls = new(Write, Read, Pack, Unpack);

    public static readonly ContractCalls<LogLine> LogLineCalls = new(Write, Read, Pack, Unpack);

    public static void Write(IBufferWriter<byte> output, Vote value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Vote? value) => ExternalTerm.TryDecodeShared<Vote>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Vote value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Vote? value) =>
        MessagePackContract.TryDecode<Vote>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Call value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Call? value) => ExternalTerm.TryDecodeShared<Call>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Call value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Call? value) =>
        MessagePackContract.TryDecode<Call>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Integers value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Integers? value) =>
        ExternalTerm.TryDecodeShared<Integers>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Integers value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Integers? value) =>
        MessagePackContract.TryDecode<Integers>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Floats value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Floats? value) =>
        ExternalTerm.TryDecodeShared<Floats>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Floats value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Floats? value) =>
        MessagePackContract.TryDecode<Floats>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Settings value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Settings? value) =>
        ExternalTerm.TryDecodeShared<Settings>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Settings value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Settings? value) =>
        MessagePackContract.TryDecode<Settings>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Order value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Order? value) =>
        ExternalTerm.TryDecodeShared<Order>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Order value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Order? value) =>
        MessagePackContract.TryDecode<Order>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Blob value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Blob? value) => ExternalTerm.TryDecodeShared<Blob>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Blob value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Blob? value) =>
        MessagePackContract.TryDecode<Blob>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Tree value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Tree? value) => ExternalTerm.TryDecodeShared<Tree>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Tree value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Tree? value) =>
        MessagePackContract.TryDecode<Tree>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, Samples value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out Samples? value) =>
        ExternalTerm.TryDecodeShared<Samples>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, Samples value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out Samples? value) =>
        MessagePackContract.TryDecode<Samples>(bytes, Payload.Context, out value);

    public static void Write(IBufferWriter<byte> output, LogLine value) => ExternalTerm.EncodeTo(output, value);

    public static DecodeStatus Read(byte[] bytes, out LogLine? value) =>
        ExternalTerm.TryDecodeShared<LogLine>(bytes, Payload.Context, out value);

    public static void Pack(IBufferWriter<byte> output, LogLine value) => MessagePackContract.EncodeTo(output, value);

    public static DecodeStatus Unpack(byte[] bytes, out LogLine? value) =>
        MessagePackContract.TryDecode<LogLine>(bytes, Payload.Context, out value);
}
