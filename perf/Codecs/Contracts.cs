namespace CloudScale.Perf.Codecs;

/// <summary>{vote, Term, Index, Granted}</summary>
[Term("vote")]
public sealed partial record Vote(long Term, int Index, bool Granted);

/// <summary>{From, Ref, {get, Key}}</summary>
[Term]
public sealed partial record Call(Pid From, Reference Ref, Get Request);

/// <summary>{get, Key}</summary>
[Term("get")]
public sealed partial record Get(string Key);

/// <summary>{integers, List}</summary>
[Term("integers")]
public sealed partial record Integers(int[] Items);

/// <summary>{floats, List}</summary>
[Term("floats")]
public sealed partial record Floats(double[] Items);

/// <summary>A map of 32 keys.</summary>
[Term(Shape = TermShape.Map)]
public sealed partial record Settings(
    int AcceptTimeout,
    int Backlog,
    int BufferSize,
    bool Compress,
    int ConnectTimeout,
    bool Debug,
    string DataFolder,
    int FlushEvery,
    int HeartbeatEvery,
    string Host,
    int IdleTimeout,
    int InitialWindow,
    bool KeepAlive,
    int LogLevel,
    string LogFile,
    int MaxBodySize,
    int MaxConnections,
    int MaxHeaders,
    int MaxRetries,
    string Name,
    bool NoDelay,
    int Port,
    int QueueLength,
    int ReadTimeout,
    string Region,
    int RetryDelay,
    bool Secure,
    int ShutdownGrace,
    string User,
    int Version,
    int WriteTimeout,
    int Workers
);

/// <summary>About 1 KB of nested tuples.</summary>
[Term("order")]
public sealed partial record Order(long Id, Customer Customer, List<Line> Lines, double Total, string? Note);

/// <summary>{customer, …}</summary>
[Term("customer")]
public sealed partial record Customer(long Id, string Name, string Email, Address Home, Address? Work);

/// <summary>{address, …}</summary>
[Term("address")]
public sealed partial record Address(string Street, string City, string Country, int Code);

/// <summary>{line, …}</summary>
[Term("line")]
public sealed partial record Line(string Article, int Count, double Price);

/// <summary>{blob, Binary}</summary>
[Term("blob")]
public sealed partial record Blob(ReadOnlyMemory<byte> Bytes);

/// <summary>A tree of tuples.</summary>
[Term("tree")]
public sealed partial record Tree(long Value, Tree? Left, Tree? Right);

/// <summary>A list of structs of Elixir.</summary>
[Term("samples")]
public sealed partial record Samples(List<Point> Items);

/// <summary>%Metrics.Point{}</summary>
[Term("Metrics.Point", Shape = TermShape.Struct)]
public sealed partial record Point(long Time, double Value, string Unit);

/// <summary>A line of a log.</summary>
[Term("log")]
public sealed partial record LogLine(
    long Time,
    [property: TermMember(Text = TermText.Atom)] string Level,
    Pid Source,
    string Module,
    string Text,
    string? Trace
);
