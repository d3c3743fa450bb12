namespace Sampan.Cli.Arguments;

/// <summary>What completes a word on the command line.</summary>
internal enum Candidates
{
    None,
    Files,
    Containers,
    RunningContainers,
    StoppedContainers,
    PausedContainers,
    Images,
    Volumes,
    Networks,
    Plugins,
    EnabledPlugins,
    DisabledPlugins,
    Objects,
}
