namespace Sampan.Build.Parsing;

/// <summary>How much a Dockerfile may ask for. People write kilobytes; programs that write Dockerfiles stay below these by far.</summary>
internal static class DockerfileLimits
{
    /// <summary>Bytes of the whole file.</summary>
    internal const int MaxBytes = 4 << 20;

    /// <summary>Characters of one line, as BuildKit has it.</summary>
    internal const int MaxLine = 65535;

    /// <summary>Instructions of one file.</summary>
    internal const int MaxInstructions = 10_000;

    /// <summary>Characters that the expansion of one word may give, and that a pattern is tried on.</summary>
    internal const int MaxExpansion = 1 << 20;

    /// <summary>Variables inside of variables' modifiers.</summary>
    internal const int MaxNesting = 64;
}
