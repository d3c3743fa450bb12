namespace Sampan.Compose.Running;

/// <summary>The labels by which what belongs to a project is known; docker's tool writes and reads the same.</summary>
public static class Labels
{
    /// <summary>The project's name.</summary>
    public const string Project = "com.docker.compose.project";

    /// <summary>The service's name.</summary>
    public const string Service = "com.docker.compose.service";

    /// <summary>Which of the service's containers, from 1.</summary>
    public const string Number = "com.docker.compose.container-number";

    /// <summary>"True" for what <c>run</c> made.</summary>
    public const string OneOff = "com.docker.compose.oneoff";

    /// <summary>The hash of what the service is described as.</summary>
    public const string ConfigHash = "com.docker.compose.config-hash";

    /// <summary>The id of the image.</summary>
    public const string Image = "com.docker.compose.image";

    /// <summary>What the service depends on: <c>db:service_healthy:false</c>, with commas between.</summary>
    public const string DependsOn = "com.docker.compose.depends_on";

    /// <summary>The project's files.</summary>
    public const string ConfigFiles = "com.docker.compose.project.config_files";

    /// <summary>The project's directory.</summary>
    public const string WorkingDirectory = "com.docker.compose.project.working_dir";

    /// <summary>The project's env files.</summary>
    public const string EnvironmentFile = "com.docker.compose.project.environment_file";

    /// <summary>The container that this one takes the place of.</summary>
    public const string Replace = "com.docker.compose.replace";

    /// <summary>What tells a one-off container from others.</summary>
    public const string Slug = "com.docker.compose.slug";

    /// <summary>The key of a network.</summary>
    public const string Network = "com.docker.compose.network";

    /// <summary>The key of a volume.</summary>
    public const string Volume = "com.docker.compose.volume";

    /// <summary>The version of the tool.</summary>
    public const string Version = "com.docker.compose.version";

    /// <summary>The hash of configs and secrets that were copied in; docker's tool has none.</summary>
    public const string FilesHash = "sampan.compose.files-hash";

    /// <summary>What a container's description was made of, key by key; docker's tool has none.</summary>
    public const string KeyHashes = "sampan.compose.keys";

    /// <summary>The hash of what a network or volume is described as; docker's tool has another one.</summary>
    public const string ResourceHash = "sampan.compose.resource-hash";

    /// <summary>Seconds before each restart; the engine's own label.</summary>
    public const string RestartDelay = "io.sampan.restart-delay";

    /// <summary>Seconds after which a restart has succeeded; the engine's own label.</summary>
    public const string RestartWindow = "io.sampan.restart-window";
}
