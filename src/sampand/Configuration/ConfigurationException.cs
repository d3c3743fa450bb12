namespace Sampand.Configuration;

/// <summary>The command line or the configuration file cannot be used; the message names what and why.</summary>
internal sealed class ConfigurationException(string message, Exception? cause = null) : Exception(message, cause);
