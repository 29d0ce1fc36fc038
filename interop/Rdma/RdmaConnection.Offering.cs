using System.Buffers;

namespace CloudScale.Interop.Rdma;

/// <content>Long writes, which the other side fetches from where they are. Everything here is under <c>_sendGate</c>, unless it says otherwise.</content>
internal sealed unsafe partial class RdmaConnection
{
    private Offer? _offer; // of the write that waits
    private bool _offerIsDue; // it has not been announced yet
    private volatile bool _isDeclined; // the other side has no memory for such writes

    /// <summary>Bytes of the writer's that the other side may read, and nothing else of this process; and that stay where they are meanwhile.</summary>
    private sealed class Offer(MemoryHandle pin, MemoryRegionHandle region, RdmaAnnouncement announcement) : IDisposable
    {
        internal RdmaAnnouncement Announcement => announcement;

        /// <summary>The other side reaches them no more.</summary>
        public void Dispose()
        {
            region.Dispose();
            pin.Dispose();
        }
    }

    /// <summary>Registers what is to be fetched, if it is long enough to be worth it. Not under the lock.</summary>
    /// <returns>Null to send it through the ring, also if no more may be registered.</returns>
    private Offer? TryOffer(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < _options.FetchBytes || _isDeclined || IsBroken || Device is null)
            return null;
        MemoryHandle pin = bytes.Pin();
        if (Verbs.csn_mr_create(Device.Domain, pin.Pointer, (ulong)bytes.Length, MemoryAccess.RemoteRead, out nint value) < 0)
        {
            pin.Dispose();
            return null;
        }

        MemoryRegionHandle region = new(value, Device.Domain);
        Verbs.Check(Verbs.csn_mr_query(region, out MemoryRegionInfo info), "ask for a memory region");
        return new Offer(pin, region, new RdmaAnnouncement(info.Address, info.RemoteKey, bytes.Length));
    }

    private void AnnounceIfDue()
    {
        if (
            !_offerIsDue
            || _posted - _completed + RdmaAnnouncement.Parts > Sends - ReservedSends
            || _sentMessages - _creditedMessages + RdmaAnnouncement.Parts > (uint)(_peer.Receives - RdmaCredits.ReservedMessages)
        )
            return;
        WorkRequest* batch = stackalloc WorkRequest[RdmaAnnouncement.Parts];
        int count = 0;
        while (count < RdmaAnnouncement.Parts)
        {
            batch[count] = Request(RdmaCredits.Announcement(_offer!.Announcement.PartAt(count)));
            Sign(ref batch[count++], MarkKind.Other);
        }

        _offerIsDue = false;
        Post(batch, ref count);
    }

    /// <summary>The other side has fetched what was announced, or will not. On the poller's thread, without the lock.</summary>
    private void OnAnswered(bool isTaken)
    {
        Offer? offer;
        lock (_sendGate)
        {
            offer = _offerIsDue ? null : _offer;
            if (offer is not null)
            {
                _offer = null;
                _isDeclined |= !isTaken;
                if (isTaken)
                    StopWaiting();
                else
                    _hasNewRoom = true; // it goes through the ring
            }
        }

        offer?.Dispose();
        if (offer is null)
            Break("it has answered what was not announced");
        else
            _wasTaken |= isTaken;
    }
}
