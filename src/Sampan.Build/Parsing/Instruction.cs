namespace Sampan.Build.Parsing;

/// <summary>One instruction, checked for its form; variables are not put in yet. A closed set.</summary>
internal abstract record Instruction
{
    /// <summary>Where.</summary>
    public required SourcePlace Place { get; init; }

    /// <summary>The instruction in one line, for output and history.</summary>
    public required string Text { get; init; }

    /// <summary><c>FROM image [AS name]</c>.</summary>
    internal sealed record From(string Image, string? Name, string? Platform) : Instruction;

    /// <summary><c>ARG name[=default] …</c>; the value is null if none is given.</summary>
    internal sealed record Arg(IReadOnlyList<KeyValuePair<string, string?>> Pairs) : Instruction;

    /// <summary><c>ENV name=value …</c></summary>
    internal sealed record Env(IReadOnlyList<KeyValuePair<string, string>> Pairs) : Instruction;

    /// <summary><c>LABEL name=value …</c></summary>
    internal sealed record Label(IReadOnlyList<KeyValuePair<string, string>> Pairs) : Instruction;

    /// <summary><c>RUN</c>.</summary>
    internal sealed record Run(CommandWords Command, IReadOnlyList<string> Mounts, string? Network, string? Security, IReadOnlyList<Heredoc> Heredocs) : Instruction
    {
        /// <summary><c>--device</c>, as written.</summary>
        public IReadOnlyList<string> Devices { get; init; } = [];
    }

    /// <summary><c>CMD</c>.</summary>
    internal sealed record Cmd(CommandWords Command) : Instruction;

    /// <summary><c>ENTRYPOINT</c>.</summary>
    internal sealed record Entrypoint(CommandWords Command) : Instruction;

    /// <summary><c>COPY</c> and <c>ADD</c>.</summary>
    internal sealed record Copy : Instruction
    {
        /// <summary>It is ADD: archives are unpacked, URLs fetched.</summary>
        public bool IsAdd { get; init; }

        /// <summary>What is copied, as written.</summary>
        public required IReadOnlyList<string> Sources { get; init; }

        /// <summary>Documents of the Dockerfile that are copied.</summary>
        public required IReadOnlyList<Heredoc> Documents { get; init; }

        /// <summary>Where to.</summary>
        public required string Destination { get; init; }

        /// <summary>A stage or image instead of the context.</summary>
        public string? Origin { get; init; }

        /// <summary>The owner of what is made.</summary>
        public string? Chown { get; init; }

        /// <summary>Its permissions.</summary>
        public string? Chmod { get; init; }

        /// <summary>The layer does not depend on those below.</summary>
        public bool Link { get; init; }

        /// <summary>Sources keep their directories.</summary>
        public bool Parents { get; init; }

        /// <summary>Patterns of what is left out.</summary>
        public IReadOnlyList<string> Excludes { get; init; } = [];

        /// <summary>What a fetched file must be: <c>sha256:…</c>.</summary>
        public string? Checksum { get; init; }

        /// <summary>A repository keeps its <c>.git</c>.</summary>
        public bool KeepGitDir { get; init; }

        /// <summary>Whether archives are unpacked; null: local ones are.</summary>
        public bool? Unpack { get; init; }
    }

    /// <summary><c>EXPOSE port …</c></summary>
    internal sealed record Expose(IReadOnlyList<string> Ports) : Instruction;

    /// <summary><c>VOLUME path …</c></summary>
    internal sealed record Volume(IReadOnlyList<string> Paths) : Instruction;

    /// <summary><c>USER</c>.</summary>
    internal sealed record User(string Name) : Instruction;

    /// <summary><c>WORKDIR</c>.</summary>
    internal sealed record Workdir(string Path) : Instruction;

    /// <summary><c>STOPSIGNAL</c>.</summary>
    internal sealed record StopSignal(string Signal) : Instruction;

    /// <summary><c>MAINTAINER</c>.</summary>
    internal sealed record Maintainer(string Name) : Instruction;

    /// <summary><c>ONBUILD</c>: what another build does that begins with this image.</summary>
    internal sealed record OnBuild(string Trigger) : Instruction;

    /// <summary><c>SHELL</c>.</summary>
    internal sealed record Shell(IReadOnlyList<string> Words) : Instruction;

    /// <summary><c>HEALTHCHECK</c>, with its options.</summary>
    internal sealed record Healthcheck(string Definition) : Instruction;
}
