using System.Runtime.InteropServices;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests.Regions;

internal enum RegisterAct
{
    Read,
    Write,
    CompareExchange,
    FetchAdd,
}

/// <summary>What is asked of 8 bytes of remote memory.</summary>
internal readonly record struct RegisterCall(RegisterAct Act, long Value = 0, long Comparand = 0);

/// <summary>8 bytes, one thing at a time.</summary>
internal static class RegisterModel
{
    internal static bool Holds(IReadOnlyList<Call<RegisterCall, long>> history) =>
        Linearizability.Holds(history, 0L, Apply, (one, other) => one == other);

    internal static (long Next, long Answer) Apply(long state, RegisterCall call) =>
        call.Act switch
        {
            RegisterAct.Read => (state, state),
            RegisterAct.Write => (call.Value, 0),
            RegisterAct.CompareExchange => (state == call.Comparand ? call.Value : state, state),
            _ => (state + call.Value, state),
        };

    /// <summary>Does the same on memory.</summary>
    internal static async ValueTask<long> DoAsync(IRemoteMemory memory, long offset, RegisterCall call)
    {
        byte[] bytes = new byte[sizeof(long)];
        switch (call.Act)
        {
            case RegisterAct.Read:
                await memory.ReadAsync(offset, bytes);
                return MemoryMarshal.Read<long>(bytes);
            case RegisterAct.Write:
                MemoryMarshal.Write(bytes, call.Value);
                await memory.WriteAsync(offset, bytes);
                return 0;
            case RegisterAct.CompareExchange:
                return await memory.CompareExchangeAsync(offset, call.Value, call.Comparand);
            default:
                return await memory.FetchAddAsync(offset, call.Value);
        }
    }

    /// <param name="random">Decides.</param>
    /// <param name="writes">Whether it may write.</param>
    /// <param name="counts">Whether it may swap and count.</param>
    internal static RegisterCall Any(Random random, bool writes = true, bool counts = true) =>
        random.Next(counts ? 4 : 2) switch
        {
            0 => new RegisterCall(RegisterAct.Read),
            1 when !writes => new RegisterCall(RegisterAct.Read),
            1 => new RegisterCall(RegisterAct.Write, random.Next(4)),
            2 => new RegisterCall(RegisterAct.CompareExchange, random.Next(4), random.Next(4)),
            _ => new RegisterCall(RegisterAct.FetchAdd, random.Next(1, 3)),
        };
}
