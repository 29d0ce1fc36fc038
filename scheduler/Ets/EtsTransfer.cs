namespace CloudScale.Scheduling;

/// <summary>A table is now owned by the receiver: it was given away, or its owner exited. To Erlang: <c>{'ETS-TRANSFER', Tab, FromPid, Data}</c>.</summary>
/// <param name="Table">The table.</param>
/// <param name="From">The owner before.</param>
/// <param name="Data">What <see cref="EtsTableBase.GiveAway"/> was given, or the heir data of the table.</param>
public sealed record EtsTransfer(EtsTableBase Table, Pid From, object Data) : ITermConvertible
{
    private static readonly Atom s_tag = Atom.Of("ETS-TRANSFER");

    /// <inheritdoc/>
    public object ToTerm() => Tuple.Of(s_tag, Table, From, Data);
}

/// <summary>Carries a table to its new owner. From the moment it is posted the receiver is the owner, whether it has looked at it or not.</summary>
internal sealed class EtsTransferSignal(EtsTableBase table, EtsTransfer? message) : Signal
{
    internal override void Deliver(Process receiver) => receiver.OnTableTransfer(table, message);

    internal override void Reject(Process receiver) => table.OnOwnerExit(receiver);
}

/// <summary>A table was deleted by a process that does not own it: the owner need not remember it.</summary>
internal sealed class EtsDeletedSignal(EtsTableBase table) : Signal
{
    internal override void Deliver(Process receiver) => receiver.DropTable(table);
}
