using Sampan.Cli.Arguments;
using Sampan.Cli.Commands;
using Sampan.Cli.Output;
using Sampan.DockerApi.Engines;

namespace Sampan.Cli.Registries;

/// <summary>
/// login: (1) what to show: options, stdin, what is stored, questions (2) let the engine try it (3) keep it. logout: forget it.
/// </summary>
internal static class LoginCommand
{
    private static readonly Option<string> s_user = Option.Text("username", 'u', "string", "User name");
    private static readonly Option<string> s_password = Option.Text("password", 'p', "string", "Password or access token; others see it in the list of processes: use --password-stdin");
    private static readonly Option<bool> s_stdin = Option.Flag("password-stdin", null, "Take the password from stdin");

    public static Command Login { get; } = new()
    {
        Name = "login",
        Summary = "Log in to a registry",
        Details = "Without a server, Docker's own registry is meant. What is shown is kept in config.json in the directory of\n--config, DOCKER_CONFIG or ~/.docker, or by the credential helper that the file names.",
        Arguments = "[SERVER]",
        MaxWords = 1,
        Options = [s_password, s_stdin, s_user],
        Run = LoginAsync,
    };

    public static Command Logout { get; } = new()
    {
        Name = "logout",
        Summary = "Log out from a registry",
        Details = "Without a server, Docker's own registry is meant.",
        Arguments = "[SERVER]",
        MaxWords = 1,
        Run = LogoutAsync,
    };

    private static async Task<int> LoginAsync(Invocation call)
    {
        string registry = call.Words.Count > 0 ? RegistryName.Host(call.Words[0]) : RegistryName.Default;
        var file = RegistryAuth.File(call);
        var auth = await AskAsync(call, file, registry).ConfigureAwait(false); // 1
        var answer = await call.Client.LoginAsync(auth, call.Cancelled).ConfigureAwait(false); // 2
        if (answer.IdentityToken.Length > 0) auth = auth with { Password = null, IdentityToken = answer.IdentityToken };
        if (file.Store(registry, auth) is null) // 3
        {
            call.Error.WriteLine($"\nWARNING! Your credentials are stored unencrypted in '{file.Path}'.\nConfigure a credential helper to remove this warning. See\nhttps://docs.docker.com/go/credential-store/\n");
        }
        if (answer.Status.Length > 0) call.Out.WriteLine(answer.Status);
        return 0;
    }

    private static Task<int> LogoutAsync(Invocation call)
    {
        string registry = call.Words.Count > 0 ? RegistryName.Host(call.Words[0]) : RegistryName.Default;
        if (RegistryAuth.File(call).Erase(registry)) call.Out.WriteLine($"Removing login credentials for {RegistryName.Key(registry)}");
        else call.Out.WriteLine($"Not logged in to {RegistryName.Key(registry)}");
        return Task.FromResult(0);
    }

    private static async Task<AuthConfig> AskAsync(Invocation call, CredentialFile file, string registry)
    {
        string key = RegistryName.Key(registry);
        string? user = call.Given(s_user), password = call.Given(s_password);
        if (call.Get(s_stdin))
        {
            if (password is not null) throw new CommandException("conflicting options: cannot specify both --password and --password-stdin");
            if (user is null) throw new CommandException("the --password-stdin option requires --username to be set");
            password = (await new StreamReader(call.Io.In).ReadToEndAsync(call.Cancelled).ConfigureAwait(false)).TrimEnd('\r', '\n');
            if (password.Length == 0) throw new CommandException("password is empty");
        }
        else if (password is not null)
        {
            call.Error.WriteLine("WARNING! Using --password via the CLI is insecure. Use --password-stdin.");
        }
        if (user is null && password is null && file.Find(registry) is { } known)
        {
            call.Out.WriteLine("Authenticating with existing credentials...");
            return known with { ServerAddress = key };
        }
        if ((user is null || password is null) && !StandardIo.InIsTerminal)
            throw new CommandException("cannot perform an interactive login from a non-TTY device: give --username and --password-stdin");
        if (user is null)
        {
            call.Error.Write("Username: ");
            user = new StreamReader(call.Io.In).ReadLine()?.Trim() is { Length: > 0 } typed ? typed : throw new CommandException("username is required");
        }
        password ??= PasswordPrompt.Read(call, "Password: ") is { Length: > 0 } secret ? secret : throw new CommandException("password is required");
        return new AuthConfig { Username = user, Password = password, ServerAddress = key };
    }
}
