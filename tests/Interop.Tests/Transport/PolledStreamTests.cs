using System.Net;
using System.Net.Sockets;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Transport;

namespace CloudScale.Interop.Tests.Transport;

/// <summary>What waits for those who come by learns of the end, also if nobody does.</summary>
[Platform("Linux"), CancelAfter(60_000)]
public sealed class PolledStreamTests
{
    [Test]
    public async Task Read_BegunAfterTheEnd_WhileNobodyLooks_FindsIt()
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Socket near = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        near.Connect(listener.LocalEndPoint!);
        using Socket far = listener.Accept();
        IPolledInput? looks = null;
        SocketWatch watch = SocketWatch.TryMake(input => (looks = input) is not null)!;
        await using (PolledStream stream = new(near))
        {
            Assert.That(stream.PollBy(watch));
            stream.Abort();
            Assert.That(await stream.ReadAsync(new byte[8]), Is.Zero);
            await stream.LeaveWaiterAsync();
        }

        looks!.PollAlone();
    }
}
