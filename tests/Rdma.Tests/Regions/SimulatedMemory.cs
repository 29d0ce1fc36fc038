using System.Runtime.InteropServices;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests.Regions;

/// <summary>Remote memory in which nothing happens by itself: a seed chooses what does, when it is answered, and who dies.</summary>
/// <remarks>An operation takes place at one step and is answered at a later one; continuations run within the step. One thread.</remarks>
internal sealed class SimulatedMemory(Random random, int lengthBytes)
{
    private readonly byte[] _bytes = new byte[lengthBytes];
    private readonly List<Operation> _pending = [];
    private readonly HashSet<int> _dead = [];

    /// <summary>A planted bug: counting reads at one step and writes at another.</summary>
    internal bool CountsInTwoSteps { get; init; }

    /// <summary>The memory in the hands of one client.</summary>
    internal IRemoteMemory For(int client) => new View(this, client);

    /// <summary>Does or answers one thing, of a client that may.</summary>
    /// <returns>False if there is none.</returns>
    internal bool Step(Func<int, bool> may)
    {
        Operation[] able = [.. _pending.Where(operation => may(operation.Client))];
        if (able.Length == 0)
            return false;
        Operation chosen = able[random.Next(able.Length)];
        if (chosen.Steps.TryDequeue(out Action? step))
        {
            step();
            return true;
        }

        _pending.Remove(chosen);
        chosen.Answer.SetResult(chosen.Result);
        return true;
    }

    /// <summary>The client never hears anything again; what it has asked for takes place or not.</summary>
    internal void Kill(int client)
    {
        foreach (Operation operation in _pending.Where(operation => operation.Client == client))
            if (random.Next(2) == 0)
                foreach (Action step in operation.Steps)
                    step();
        _pending.RemoveAll(operation => operation.Client == client);
        _dead.Add(client);
    }

    private ref long Word(long offset) => ref MemoryMarshal.Cast<byte, long>(_bytes.AsSpan())[(int)(offset / sizeof(long))];

    private Task<long> Do(int client, Action<Operation> first, Action<Operation>? second = null)
    {
        Operation operation = new(client);
        operation.Steps.Enqueue(() => first(operation));
        if (second is not null)
            operation.Steps.Enqueue(() => second(operation));
        if (!_dead.Contains(client))
            _pending.Add(operation);
        return operation.Answer.Task;
    }

    private sealed class Operation(int client)
    {
        internal int Client => client;
        internal Queue<Action> Steps { get; } = new();
        internal TaskCompletionSource<long> Answer { get; } = new();
        internal long Result { get; set; }
    }

    private sealed class View(SimulatedMemory memory, int client) : IRemoteMemory
    {
        public long LengthBytes => memory._bytes.Length;

        public async ValueTask ReadAsync(long offset, Memory<byte> target, CancellationToken cancellationToken = default) =>
            await memory.Do(client, _ => memory._bytes.AsSpan((int)offset, target.Length).CopyTo(target.Span));

        public async ValueTask WriteAsync(long offset, ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default) =>
            await memory.Do(client, _ => source.CopyTo(memory._bytes.AsMemory((int)offset)));

        public async ValueTask<long> CompareExchangeAsync(
            long offset,
            long value,
            long comparand,
            CancellationToken cancellationToken = default
        ) =>
            await memory.Do(
                client,
                operation =>
                {
                    ref long word = ref memory.Word(offset);
                    operation.Result = word;
                    if (word == comparand)
                        word = value;
                }
            );

        public async ValueTask<long> FetchAddAsync(long offset, long add, CancellationToken cancellationToken = default) =>
            memory.CountsInTwoSteps
                ? await memory.Do(
                    client,
                    operation => operation.Result = memory.Word(offset),
                    operation => memory.Word(offset) = operation.Result + add
                )
                : await memory.Do(
                    client,
                    operation =>
                    {
                        operation.Result = memory.Word(offset);
                        memory.Word(offset) += add;
                    }
                );
    }
}
