using System.Collections.Concurrent;
using System.Globalization;

namespace CloudScale.Runtime.Behaviours;

/// <summary>Which release of Erlang/OTP other nodes are, for the messages whose form depends on it and does not say so.</summary>
/// <remarks>
/// <c>sys:get_state</c> and <c>sys:replace_state</c> want the state alone in OTP 25, and fail on anything but <c>{ok, State}</c> in OTP 27; their requests are the same, and so are the flags of the nodes. So a node is asked,
/// and again after a minute, for it may have been started anew. What OTP 26 wants was not to be found out: it gets the later form, which no release fails on. Threads: any.
/// </remarks>
internal static class PeerReleases
{
    private const int FirstWithTaggedStates = 26;
    private const int MaxKnown = 4096; // then they are asked again
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly ConcurrentDictionary<Atom, Answer> s_known = new();

    /// <summary>Whether the functions of <c>sys</c> there speak of states as <c>{ok, State}</c>.</summary>
    internal static async ProcessTask<bool> TagsStates(Self self, Atom node)
    {
        if (ReferenceEquals(node, self.System.Identity.Name))
            return false;
        if (!s_known.TryGetValue(node, out Answer known) || known.IsOld)
        {
            known = new Answer(await Ask(self, node), Environment.TickCount64);
            if (s_known.Count >= MaxKnown)
                s_known.Clear();
            s_known[node] = known;
        }

        return known.Release >= FirstWithTaggedStates;
    }

    // 0: it does not say.
    private static async ProcessTask<int> Ask(Self self, Atom node)
    {
        try
        {
            object answer = await Rpc.Call(self, node, "erlang", "system_info", List.Of((Atom)"otp_release"), s_patience);
            string text = answer is List codes ? string.Concat(codes.OfType<long>().Select(code => (char)code)) : "";
            return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int release) ? release : 0;
        }
        catch (RpcException)
        {
            return 0;
        }
    }

    private readonly record struct Answer(int Release, long At)
    {
        internal bool IsOld => Environment.TickCount64 - At > 60_000;
    }
}
