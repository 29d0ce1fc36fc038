namespace CloudScale.Scheduling;

/// <summary>The tables a process owns.</summary>
internal sealed partial class Process
{
    /// <summary>Owner: takes a table that was made here, or has come by signal.</summary>
    internal void AdoptTable(EtsTableBase table) => (Extension.Attribute().Tables ??= []).Add(table);

    /// <summary>Owner: forgets a table that is gone, or another's.</summary>
    internal void DropTable(EtsTableBase table) => _extension?.Attributes?.Tables?.Remove(table);

    /// <summary>Owner: a table has come with a message that says so; null for none.</summary>
    internal void OnTableTransfer(EtsTableBase table, EtsTransfer? message)
    {
        if (table.IsDeleted)
            return;
        AdoptTable(table);
        if (message is not null)
            Deliver(message);
    }

    /// <summary>Owner, at exit: each table goes to its heir, or is destroyed.</summary>
    private void ReleaseTables()
    {
        if (_extension?.Attributes is not { Tables: { } tables } attributes)
            return;
        attributes.Tables = null;
        foreach (EtsTableBase table in tables)
            table.OnOwnerExit(this);
    }
}
