namespace Sampand.Configuration;

/// <summary>What an option's value looks like.</summary>
internal enum OptionKind
{
    /// <summary>One text.</summary>
    Text,

    /// <summary>Yes or no; the flag alone means yes.</summary>
    Switch,

    /// <summary>A whole number.</summary>
    Number,

    /// <summary>Texts; the flag may be repeated.</summary>
    List,

    /// <summary>Names with values; the flag may be repeated as <c>name=value</c>.</summary>
    Map,

    /// <summary>Names with lists of texts; the flag may be repeated as <c>name=value</c>.</summary>
    Lists,

    /// <summary>Limits of processes, <c>name=soft[:hard]</c>.</summary>
    Ulimits,

    /// <summary>Programs by name, <c>name=path</c>; in the file, an object of objects with <c>path</c> and <c>runtimeArgs</c>.</summary>
    Runtimes,

    /// <summary>A JSON object.</summary>
    Json,

    /// <summary>May be repeated, each <c>base=CIDR,size=BITS</c>; in the file, a list of objects with these members.</summary>
    Pools,
}
