namespace Sampan.Kernel.Tests.Runtime;

/// <summary>Tests that count what is there before and after: nothing may run beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CountingCollection
{
    /// <summary>Name of the collection.</summary>
    public const string Name = "counting";
}
