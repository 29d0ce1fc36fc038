namespace CloudScale.Serialization.Etf;

/// <summary>What came of an attempt to read.</summary>
public enum DecodeStatus
{
    /// <summary>Read; the reader stands behind it.</summary>
    Ok,

    /// <summary>The input ends too early, or a length in it lies. The reader stands where it was.</summary>
    NeedMoreData,

    /// <summary>No continuation of the input would make it right. The reader stands where it was.</summary>
    Malformed,

    /// <summary>Perhaps right, but beyond <see cref="EtfLimits"/>. The reader stands where it was.</summary>
    LimitExceeded,
}
