namespace CloudScale.Perf.Codecs;

/// <content>The map of 32 keys and the list of structs. Reading takes the keys in the order in which they were written: what a program may do that knows its peer.</content>
internal static partial class ByHand
{
    public static int Write(Span<byte> span, Settings value)
    {
        ((ReadOnlySpan<byte>)[131, 116, 0, 0, 0, 32]).CopyTo(span);
        int at = 6;
        at = PutLong(span, PutKey(span, at, "accept_timeout"u8), value.AcceptTimeout);
        at = PutLong(span, PutKey(span, at, "backlog"u8), value.Backlog);
        at = PutLong(span, PutKey(span, at, "buffer_size"u8), value.BufferSize);
        at = PutBoolean(span, PutKey(span, at, "compress"u8), value.Compress);
        at = PutLong(span, PutKey(span, at, "connect_timeout"u8), value.ConnectTimeout);
        at = PutText(span, PutKey(span, at, "data_folder"u8), value.DataFolder);
        at = PutBoolean(span, PutKey(span, at, "debug"u8), value.Debug);
        at = PutLong(span, PutKey(span, at, "flush_every"u8), value.FlushEvery);
        at = PutLong(span, PutKey(span, at, "heartbeat_every"u8), value.HeartbeatEvery);
        at = PutText(span, PutKey(span, at, "host"u8), value.Host);
        at = PutLong(span, PutKey(span, at, "idle_timeout"u8), value.IdleTimeout);
        at = PutLong(span, PutKey(span, at, "initial_window"u8), value.InitialWindow);
        at = PutBoolean(span, PutKey(span, at, "keep_alive"u8), value.KeepAlive);
        at = PutText(span, PutKey(span, at, "log_file"u8), value.LogFile);
        at = PutLong(span, PutKey(span, at, "log_level"u8), value.LogLevel);
        at = PutLong(span, PutKey(span, at, "max_body_size"u8), value.MaxBodySize);
        at = PutLong(span, PutKey(span, at, "max_connections"u8), value.MaxConnections);
        at = PutLong(span, PutKey(span, at, "max_headers"u8), value.MaxHeaders);
        at = PutLong(span, PutKey(span, at, "max_retries"u8), value.MaxRetries);
        at = PutText(span, PutKey(span, at, "name"u8), value.Name);
        at = PutBoolean(span, PutKey(span, at, "no_delay"u8), value.NoDelay);
        at = PutLong(span, PutKey(span, at, "port"u8), value.Port);
        at = PutLong(span, PutKey(span, at, "queue_length"u8), value.QueueLength);
        at = PutLong(span, PutKey(span, at, "read_timeout"u8), value.ReadTimeout);
        at = PutText(span, PutKey(span, at, "region"u8), value.Region);
        at = PutLong(span, PutKey(span, at, "retry_delay"u8), value.RetryDelay);
        at = PutBoolean(span, PutKey(span, at, "secure"u8), value.Secure);
        at = PutLong(span, PutKey(span, at, "shutdown_grace"u8), value.ShutdownGrace);
        at = PutText(span, PutKey(span, at, "user"u8), value.User);
        at = PutLong(span, PutKey(span, at, "version"u8), value.Version);
        at = PutLong(span, PutKey(span, at, "workers"u8), value.Workers);
        at = PutLong(span, PutKey(span, at, "write_timeout"u8), value.WriteTimeout);
        return at;
    }

    public static Settings ReadSettings(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 116, 0, 0, 0, 32]);
        at += Key(span[at..], "accept_timeout"u8);
        int acceptTimeout = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "backlog"u8);
        int backlog = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "buffer_size"u8);
        int bufferSize = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "compress"u8);
        bool compress = GetBoolean(span, ref at);
        at += Key(span[at..], "connect_timeout"u8);
        int connectTimeout = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "data_folder"u8);
        string dataFolder = GetText(span, ref at);
        at += Key(span[at..], "debug"u8);
        bool debug = GetBoolean(span, ref at);
        at += Key(span[at..], "flush_every"u8);
        int flushEvery = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "heartbeat_every"u8);
        int heartbeatEvery = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "host"u8);
        string host = GetText(span, ref at);
        at += Key(span[at..], "idle_timeout"u8);
        int idleTimeout = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "initial_window"u8);
        int initialWindow = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "keep_alive"u8);
        bool keepAlive = GetBoolean(span, ref at);
        at += Key(span[at..], "log_file"u8);
        string logFile = GetText(span, ref at);
        at += Key(span[at..], "log_level"u8);
        int logLevel = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "max_body_size"u8);
        int maxBodySize = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "max_connections"u8);
        int maxConnections = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "max_headers"u8);
        int maxHeaders = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "max_retries"u8);
        int maxRetries = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "name"u8);
        string name = GetText(span, ref at);
        at += Key(span[at..], "no_delay"u8);
        bool noDelay = GetBoolean(span, ref at);
        at += Key(span[at..], "port"u8);
        int port = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "queue_length"u8);
        int queueLength = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "read_timeout"u8);
        int readTimeout = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "region"u8);
        string region = GetText(span, ref at);
        at += Key(span[at..], "retry_delay"u8);
        int retryDelay = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "secure"u8);
        bool secure = GetBoolean(span, ref at);
        at += Key(span[at..], "shutdown_grace"u8);
        int shutdownGrace = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "user"u8);
        string user = GetText(span, ref at);
        at += Key(span[at..], "version"u8);
        int version = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "workers"u8);
        int workers = checked((int)GetLong(span, ref at));
        at += Key(span[at..], "write_timeout"u8);
        int writeTimeout = checked((int)GetLong(span, ref at));
        return new Settings(
            acceptTimeout,
            backlog,
            bufferSize,
            compress,
            connectTimeout,
            debug,
            dataFolder,
            flushEvery,
            heartbeatEvery,
            host,
            idleTimeout,
            initialWindow,
            keepAlive,
            logLevel,
            logFile,
            maxBodySize,
            maxConnections,
            maxHeaders,
            maxRetries,
            name,
            noDelay,
            port,
            queueLength,
            readTimeout,
            region,
            retryDelay,
            secure,
            shutdownGrace,
            user,
            version,
            writeTimeout,
            workers
        );
    }

    public static int Write(Span<byte> span, Samples value)
    {
        ((ReadOnlySpan<byte>)[131, 104, 2, 119, 7, 115, 97, 109, 112, 108, 101, 115, 108]).CopyTo(span);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(span[13..], value.Items.Count);
        int at = 17;
        foreach (Point item in value.Items)
        {
            ((ReadOnlySpan<byte>)[116, 0, 0, 0, 4]).CopyTo(span[at..]);
            at = PutKey(span, at + 5, "__struct__"u8);
            at = PutKey(span, at, "Elixir.Metrics.Point"u8);
            at = PutLong(span, PutKey(span, at, "time"u8), item.Time);
            at = PutText(span, PutKey(span, at, "unit"u8), item.Unit);
            at = PutDouble(span, PutKey(span, at, "value"u8), item.Value);
        }

        span[at] = 106;
        return at + 1;
    }

    public static Samples ReadSamples(ReadOnlySpan<byte> span)
    {
        int at = Head(span, [131, 104, 2, 119, 7, 115, 97, 109, 112, 108, 101, 115, 108]);
        int count = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(span[at..]);
        at += 4;
        var items = new List<Point>(count);
        for (int i = 0; i < count; i++)
        {
            at += Head(span[at..], [116, 0, 0, 0, 4]);
            at += Key(span[at..], "__struct__"u8);
            at += Key(span[at..], "Elixir.Metrics.Point"u8);
            at += Key(span[at..], "time"u8);
            long time = GetLong(span, ref at);
            at += Key(span[at..], "unit"u8);
            string unit = GetText(span, ref at);
            at += Key(span[at..], "value"u8);
            items.Add(new Point(time, GetDouble(span, ref at), unit));
        }

        at += Head(span[at..], [106]);
        return new Samples(items);
    }
}
