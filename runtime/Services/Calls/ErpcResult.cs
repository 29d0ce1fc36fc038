namespace CloudScale.Runtime.Services.Calls;

/// <summary>What comes of a call of <see cref="Erpc"/>: the exit reason of its process, or the refusal of the spawn request.</summary>
/// <remarks>Wire: reasons <c>{Ref, return, Value}</c>, <c>{Ref, throw, Value}</c>, <c>{Ref, exit, Reason}</c>, <c>{Ref, error, Reason, Stack}</c> and <c>{Ref, error, {erpc, Cause}}</c>. Source: OTP kernel, <c>erpc</c>.</remarks>
internal static class ErpcResult
{
    private static readonly Atom s_spawnReply = Atom.Of("spawn_reply");
    private static readonly Atom s_exception = Atoms.Exception;
    private static readonly Atom s_signal = Atom.Of("signal");

    /// <summary>Waits for a <see cref="Down"/> or a refusal; null when it is too late, and the call is given up.</summary>
    internal static async ProcessTask<object?> Await(Self self, ErpcRequest call, TimeSpan timeout)
    {
        Reference request = call.Request;
        Received<object> news = await self.TryReceive<object>(message => IsAbout(message, request), timeout, call.Mark);
        if (news.HasValue)
            return news.Value;
        if (self.AbandonSpawn(request))
            return null;
        self.Demonitor(request);
        news = await self.TryReceive<object>(message => IsAbout(message, request), TimeSpan.Zero, call.Mark); // it came just now
        return news.HasValue ? news.Value : null;
    }

    private static bool IsAbout(object message, Reference request) =>
        message switch
        {
            Down down => down.Reference == request,
            Tuple and [Atom tag, Reference about, Atom, _] => about == request && ReferenceEquals(tag, s_spawnReply),
            _ => false,
        };

    /// <exception cref="ErlangException">There is none.</exception>
    internal static object ValueOf(object? news, ErpcRequest call)
    {
        ErpcOutcome outcome = OutcomeOf(news, call);
        return outcome.Value ?? throw outcome.Failure!;
    }

    internal static ErpcOutcome OutcomeOf(object? news, ErpcRequest call) =>
        news switch
        {
            null => new ErpcOutcome(null, new ErpcException(Atoms.Timeout)),
            Tuple and [_, _, _, var refusal] => new ErpcOutcome(null, new ErpcException(refusal)),
            Down down when ReferenceEquals(down.Reason, Atoms.NoConnection) => new ErpcOutcome(null, new ErpcException(Atoms.NoConnection)),
            Down down => OfExit(down.Reason, call.Result),
            _ => new ErpcOutcome(null, new ErpcException(FunctionAtoms.BadArg)),
        };

    private static ErpcOutcome OfExit(object reason, Reference result)
    {
        if (reason is not Tuple { Count: 3 or 4 } tuple || tuple[0] is not Reference own || own != result || tuple[1] is not Atom kind)
            return Failed(ErlangClass.Exit, Tuple.Of(s_signal, reason));
        return (kind.Name, tuple.Count) switch
        {
            ("return", 3) => new ErpcOutcome(tuple[2], null),
            ("throw", 3) => Failed(ErlangClass.Throw, tuple[2]),
            ("exit", 3) => Failed(ErlangClass.Exit, Tuple.Of(s_exception, tuple[2])),
            ("error", 3) when tuple[2] is Tuple and [Atom, var cause] => new ErpcOutcome(null, new ErpcException(cause)),
            ("error", 4) => new ErpcOutcome(
                null,
                new ErlangException(ErlangClass.Error, Tuple.Of(s_exception, tuple[2], tuple[3]), tuple[3] as List)
            ),
            _ => Failed(ErlangClass.Exit, Tuple.Of(s_signal, reason)),
        };
    }

    private static ErpcOutcome Failed(ErlangClass @class, object reason) => new(null, new ErlangException(@class, reason));
}
