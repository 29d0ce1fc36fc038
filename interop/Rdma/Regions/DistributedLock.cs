using System.Runtime.InteropServices;

namespace CloudScale.Interop.Rdma;

/// <summary>What one may choose about a lock. All who use one lock choose the same <see cref="Lease"/>.</summary>
public sealed record DistributedLockOptions
{
    /// <summary>
    /// Who takes the lock: a number below 2^40 that others can ask <see cref="IsAlive"/> about, such as a node's creation. 0 is nobody in particular, for whom only the lease counts.
    /// </summary>
    public long Owner { get; init; }

    /// <summary>Whether an owner is still there. Who is not is passed over at once. It may err on the side of life.</summary>
    public Func<long, bool>? IsAlive { get; init; }

    /// <summary>After so long without a sign of life the holder, or whoever's turn it is, is taken for dead. A holder shows life by <see cref="DistributedLockHold.RenewAsync"/>.</summary>
    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between two looks of the next in line; who stands further back looks less often.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(1);

    /// <summary>The clock of leases and looks.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>A lock in remote memory: first come, first served; one token after the other; whoever dies is passed over.</summary>
/// <remarks>
/// Memory: <c>next ticket:u64 | turn:u40, signs of life:u24 | 0 × 6 | owner:u40, ticket:u24 × 64</c>, all zero at first. Who wants the lock draws a ticket (fetch-and-add) and waits for its turn. The turn and its holder's signs of life are one
/// word, so passing somebody over (compare-and-swap) fails if he has shown life meanwhile, and who gives back what he has lost learns of it. A lease is no proof of death, so what the lock guards takes the token along
/// (<see cref="FencingGuard"/>): who was passed over and does not know it yet is refused there. Threads: any. A process that is killed while it holds costs the others a lease, or nothing where <see cref="DistributedLockOptions.IsAlive"/> knows its owner.
/// </remarks>
public sealed class DistributedLock
{
    /// <summary>How much memory a lock takes, from a multiple of 8 on.</summary>
    public const int LengthBytes = OwnersOffset + (Owners * sizeof(long));

    private const int TurnOffset = 8;
    private const int OwnersOffset = 64;
    private const int Owners = 64;
    private const int LifeBits = 24;
    private const long LifeMask = (1L << LifeBits) - 1;
    private const long Gone = (1L << 40) - 1; // an owner that has given up his ticket
    private const int MostLooksApart = 32;

    private readonly IRemoteMemory _memory;
    private readonly long _offset;
    private readonly DistributedLockOptions _options;

    /// <summary>The lock that lies at an offset; nothing is done yet.</summary>
    /// <exception cref="ArgumentException">It does not fit there, or an option is out of range.</exception>
    public DistributedLock(IRemoteMemory memory, long offset, DistributedLockOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (offset < 0 || offset % sizeof(long) != 0 || offset > memory.LengthBytes - LengthBytes)
            throw new ArgumentOutOfRangeException(nameof(offset), $"A lock takes {LengthBytes} bytes from a multiple of 8 on.");
        _memory = memory;
        _offset = offset;
        _options = options ?? new DistributedLockOptions();
        if (_options.Owner is < 0 or >= Gone)
            throw new ArgumentException($"An owner is a number below 2^40 - 1, not {_options.Owner}.");
        if (_options.Lease <= TimeSpan.Zero || _options.LookEvery <= TimeSpan.Zero)
            throw new ArgumentException("Lease and LookEvery are times.");
    }

    /// <summary>Waits until the lock is the caller's.</summary>
    /// <exception cref="OperationCanceledException">Given up; the turn passes to the next.</exception>
    /// <exception cref="IOException">The way to the memory is broken. A ticket that was drawn is passed over when the lease is over, or its owner dead.</exception>
    public async ValueTask<DistributedLockHold> AcquireAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            long ticket = await _memory.FetchAddAsync(_offset, 1, cancellationToken);
            try
            {
                await WriteOwnerAsync(ticket, _options.Owner);
                if (await WaitAsync(ticket, cancellationToken))
                    return new DistributedLockHold(this, ticket);
                // Passed over, for want of a sign of life: once more, at the end of the line.
            }
            catch (OperationCanceledException)
            {
                await GiveUpAsync(ticket);
                throw;
            }
        }
    }

    /// <summary>Which token holds the lock, or would if its drawer were there.</summary>
    internal async ValueTask<long> TurnAsync() => TicketOf(await ReadAsync(TurnOffset));

    internal async ValueTask<bool> ChangeTurnAsync(long ticket, long life, long nextTicket, long nextLife)
    {
        long before = Word(ticket, life);
        return await _memory.CompareExchangeAsync(_offset + TurnOffset, Word(nextTicket, nextLife), before) == before;
    }

    internal static long NextLife(long life) => (life + 1) & LifeMask;

    private static long Word(long ticket, long life) => (ticket << LifeBits) | life;

    private static long TicketOf(long word) => word >>> LifeBits;

    /// <returns>False if the turn has gone by.</returns>
    private async ValueTask<bool> WaitAsync(long ticket, CancellationToken cancellationToken)
    {
        long seen = -1;
        long since = 0;
        while (true)
        {
            long word = await ReadAsync(TurnOffset);
            long turn = TicketOf(word);
            if (turn >= ticket)
                return turn == ticket;
            if (word != seen)
            {
                seen = word;
                since = _options.TimeProvider.GetTimestamp();
            }

            bool isOverdue = _options.TimeProvider.GetElapsedTime(since) >= _options.Lease;
            if (isOverdue || await IsDeadAsync(turn))
            {
                // Fails if he has shown life, or another has been faster.
                await ChangeTurnAsync(turn, word & LifeMask, turn + 1, 0);
                continue;
            }

            TimeSpan pause = _options.LookEvery * Math.Min(ticket - turn, MostLooksApart);
            await Task.Delay(pause, _options.TimeProvider, cancellationToken);
        }
    }

    private async ValueTask<bool> IsDeadAsync(long ticket)
    {
        long word = await ReadAsync(OwnerOffset(ticket));
        if ((word & LifeMask) != (ticket & LifeMask))
            return false; // of another ticket: he has drawn and not written yet
        long owner = word >>> LifeBits;
        return owner == Gone || (owner != 0 && _options.IsAlive is { } isAlive && !isAlive(owner));
    }

    private async ValueTask GiveUpAsync(long ticket)
    {
        // First the mark, then a look: either the next in line sees the mark, or we see that it was our turn.
        await WriteOwnerAsync(ticket, Gone);
        long word = await ReadAsync(TurnOffset);
        if (TicketOf(word) == ticket)
            await ChangeTurnAsync(ticket, word & LifeMask, ticket + 1, 0);
    }

    private static int OwnerOffset(long ticket) => OwnersOffset + ((int)(ticket % Owners) * sizeof(long));

    private async ValueTask WriteOwnerAsync(long ticket, long owner)
    {
        byte[] bytes = new byte[sizeof(long)];
        long word = (owner << LifeBits) | (ticket & LifeMask);
        MemoryMarshal.Write(bytes, in word);
        await _memory.WriteAsync(_offset + OwnerOffset(ticket), bytes);
    }

    private async ValueTask<long> ReadAsync(int offset)
    {
        byte[] bytes = new byte[sizeof(long)];
        await _memory.ReadAsync(_offset + offset, bytes);
        return MemoryMarshal.Read<long>(bytes);
    }
}

/// <summary>A lock that is held. Disposing it gives it back.</summary>
/// <remarks>Threads: one at a time.</remarks>
public sealed class DistributedLockHold : IAsyncDisposable
{
    private readonly DistributedLock _lock;
    private long _life;
    private bool _isOver;

    internal DistributedLockHold(DistributedLock from, long token)
    {
        _lock = from;
        Token = token;
    }

    /// <summary>Later holders of the same lock have higher ones. It goes along with whatever is done under the lock.</summary>
    public long Token { get; }

    /// <summary>Shows life: the lease begins anew.</summary>
    /// <returns>False if the lock was lost meanwhile; somebody else may hold it.</returns>
    /// <exception cref="IOException">The way to the memory is broken.</exception>
    public async ValueTask<bool> RenewAsync()
    {
        if (_isOver)
            return false;
        long next = DistributedLock.NextLife(_life);
        if (await _lock.ChangeTurnAsync(Token, _life, Token, next))
        {
            _life = next;
            return true;
        }

        _isOver = true;
        return false;
    }

    /// <summary>Gives the lock to the next in line.</summary>
    /// <returns>False if it was lost meanwhile, or given back before.</returns>
    /// <exception cref="IOException">The way to the memory is broken.</exception>
    public async ValueTask<bool> ReleaseAsync()
    {
        if (_isOver)
            return false;
        _isOver = true;
        return await _lock.ChangeTurnAsync(Token, _life, Token + 1, 0);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await ReleaseAsync();
}

/// <summary>Stands before what a lock guards, and lets no holder pass after a later one.</summary>
/// <remarks>Threads: any. It lives with what is guarded, since it is what is guarded that an old holder must not change.</remarks>
public sealed class FencingGuard
{
    private long _highest = -1;

    /// <summary>Whether the holder of this token may go on; from then on no earlier one may.</summary>
    public bool TryPass(long token)
    {
        long highest = Volatile.Read(ref _highest);
        while (token > highest)
        {
            long found = Interlocked.CompareExchange(ref _highest, token, highest);
            if (found == highest)
                return true;
            highest = found;
        }

        return token == highest;
    }
}
