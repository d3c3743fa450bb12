namespace Sampan.Conformance.Harness;

/// <summary>How a call of the runtime ended.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Output">Standard output without the last line feed.</param>
/// <param name="Error">Standard error.</param>
internal sealed record Result(int Code, string Output, string Error)
{
    /// <summary>Requires success.</summary>
    internal Result Succeeds(string? because = null)
    {
        Code.ShouldBe(0, $"{because} {Error}");
        return this;
    }

    /// <summary>Requires an error: a code other than 0 and a word about it.</summary>
    internal Result Fails(string? because = null)
    {
        Code.ShouldNotBe(0, because);
        Error.ShouldNotBeNullOrWhiteSpace(because);
        return this;
    }

    /// <summary>Requires success and this output.</summary>
    internal void Prints(string output)
    {
        Output.ShouldBe(output, Error);
        Code.ShouldBe(0, Error);
    }
}
