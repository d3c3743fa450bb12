# escape=`
FROM mcr.example/windows
SHELL ["powershell", "-Command", "$ErrorActionPreference = 'Stop';"]
COPY testfile.txt c:\
RUN New-Item `
    -Path c:\temp
