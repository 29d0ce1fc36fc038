namespace CloudScale.Perf.Nodes;

/// <summary>{small, N}</summary>
[Term("small")]
public sealed partial record Small(int Number);

/// <summary>{blob, Binary}</summary>
[Term("blob")]
public sealed partial record Blob(ReadOnlyMemory<byte> Bytes);

/// <summary>{ping, From}</summary>
[Term("ping")]
public sealed partial record Ping(Pid From);

/// <summary>{reset, From, Ref}</summary>
[Term("reset")]
public sealed partial record Reset(Pid From, Reference Ref);

/// <summary>{report, From, Ref}</summary>
[Term("report")]
public sealed partial record Ask(Pid From, Reference Ref);
