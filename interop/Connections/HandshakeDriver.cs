using System.Buffers;
using System.IO.Pipelines;
using CloudScale.Interop.Handshake;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Connections;

/// <summary>Runs a handshake over a connection: the loop that the state machines do without.</summary>
internal static class HandshakeDriver
{
    private const int MaxReadsAfterRefusal = 16; // one who goes on talking is not waited for

    /// <summary>
    /// Runs the machine to its end. Null means success: the machine has its outcome, and what the peer sent after the handshake is still in the input.
    /// </summary>
    /// <param name="connection">The connection; closing it after a failure is the caller's.</param>
    /// <param name="machine">An initiator or acceptor.</param>
    /// <param name="decide">Answers <see cref="HandshakeStep.Decide"/>; writes what is to be sent.</param>
    /// <param name="deadline">Ends it.</param>
    public static async Task<HandshakeFailure?> RunAsync(
        ITransportConnection connection,
        HandshakeMachine machine,
        Func<IBufferWriter<byte>, HandshakeStep> decide,
        CancellationToken deadline
    )
    {
        ArrayBufferWriter<byte> said = new(256);
        try
        {
            if (machine is HandshakeInitiator initiator)
                initiator.Start(said);
            while (true)
            {
                await SayAsync(connection, said, deadline);
                HandshakeStep? step = await ReadOneAsync(connection, machine, said, deadline);
                if (step is null)
                    return machine.OnClosed();
                if (step == HandshakeStep.Decide)
                    step = decide(said);
                if (step == HandshakeStep.Continue)
                    continue;
                bool isToldSo = said.WrittenCount > 0;
                await SayAsync(connection, said, deadline);
                if (step == HandshakeStep.Done)
                    return null;
                if (isToldSo)
                    await LetItBeReadAsync(connection, deadline);
                return machine.Failure;
            }
        }
        catch (Exception e)
            when (e is IOException or ObjectDisposedException || (e is OperationCanceledException && machine.Failure is not null))
        {
            return machine.OnClosed();
        }
    }

    private static async ValueTask SayAsync(ITransportConnection connection, ArrayBufferWriter<byte> said, CancellationToken deadline)
    {
        if (connection.HandshakeLengthBytes == 2)
            connection.Output.Write(said.WrittenSpan);
        else
            HandshakeMessages.WriteWithLongLengths(connection.Output, said.WrittenMemory);
        said.ResetWrittenCount();
        await connection.Output.FlushAsync(deadline);
    }

    // A refusal that was just sent would be lost if we hung up at once: the other side hangs up when it has read it.
    private static async Task LetItBeReadAsync(ITransportConnection connection, CancellationToken deadline)
    {
        await connection.Output.CompleteAsync();
        for (int reads = 0; reads < MaxReadsAfterRefusal; reads++)
        {
            ReadResult result = await connection.Input.ReadAsync(deadline);
            connection.Input.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
                return;
        }
    }

    // Null at the end of the stream.
    private static async Task<HandshakeStep?> ReadOneAsync(
        ITransportConnection connection,
        HandshakeMachine machine,
        ArrayBufferWriter<byte> said,
        CancellationToken deadline
    )
    {
        while (true)
        {
            ReadResult result = await connection.Input.ReadAsync(deadline);
            ReadOnlySequence<byte> rest = result.Buffer;
            if (
                HandshakeMessages.TryReadFrame(
                    ref rest,
                    connection.HandshakeLengthBytes,
                    out ReadOnlySequence<byte> message,
                    out uint length
                )
            )
            {
                HandshakeStep step = machine.OnMessage(message.IsSingleSegment ? message.FirstSpan : message.ToArray(), said);
                connection.Input.AdvanceTo(rest.Start);
                return step;
            }

            if (length > ushort.MaxValue)
                return machine.OnTooLong(length);

            connection.Input.AdvanceTo(rest.Start, rest.End);
            if (result.IsCompleted)
                return null;
        }
    }
}
