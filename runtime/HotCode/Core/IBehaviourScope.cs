using System.Diagnostics.CodeAnalysis;

namespace CloudScale.Runtime.HotCode;

/// <summary>Where a process has its services from, from its start to its end: what its new code is made with, too.</summary>
internal interface IBehaviourScope : IDisposable
{
    /// <summary>Makes an object whose constructor takes services.</summary>
    /// <exception cref="InvalidOperationException">A service is missing.</exception>
    object Create([DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type);
}
